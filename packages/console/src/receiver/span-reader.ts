// Long because it is one pass over a span's bytes, whose places are its state.
import { decodeGroups, decodeSpan, type Reader, type ResourceGroup, type SpanRecord } from '@plimsoll/wire';
import { addSpan, SpanBatch } from '../store/span-batch.ts';
import { ByteTable } from './byte-table.ts';
import { type Fragments, type Key, textOf } from './fragments.ts';

export interface SpanReaderOptions {
  readonly fragments: Fragments;
  /** Cleans a span's name. */
  name(text: string): string;
  /** Cleans a whole span in place, for those that are read the long way. */
  span(span: SpanRecord): void;
  /** Cleans what the spans of a process and of a scope share, in place. */
  shared(groups: readonly ResourceGroup<unknown>[]): void;
}

const NAMES = 4096;
const MAX_NAME = 128;
/** In the flags' field: whether the parent is remote, and whether that is known. */
const PARENT_KNOWN = 0x100;
const PARENT_REMOTE = 0x200;

/** Reads an ExportTraceServiceRequest into columns. Throws `OtlpError` and nothing else. */
export class SpanReader {
  readonly #options: SpanReaderOptions;
  readonly #names = new ByteTable<string>(NAMES);
  #turn = 0;
  // One span's, while it is read.
  #json = '';
  #route = '';
  #http = 0;
  #oldHttp = 0;

  constructor(options: SpanReaderOptions) {
    this.#options = options;
  }

  read(bytes: Uint8Array): SpanBatch {
    const batch = new SpanBatch();
    // A span's place in its list is the row that it got, or -1.
    const groups = decodeGroups(bytes, r => this.#span(r, batch));
    this.#options.shared(groups);
    batch.groups = groups.map(({ resource, schemaUrl, scopes }) => ({
      resource,
      ...(schemaUrl !== undefined && { schemaUrl }),
      scopes: scopes.map(({ scope, schemaUrl: url, items }) => {
        const rows = items.filter(row => row >= 0);
        const from = rows[0] ?? 0;
        return { scope, ...(url !== undefined && { schemaUrl: url }), from, to: from + rows.length };
      }),
    }));
    return batch;
  }

  #span(r: Reader, batch: SpanBatch): number {
    const outer = r.open();
    const { pos: start, end } = r;
    const row = batch.row();
    if (!this.#fast(r, batch, row)) {
      // Once more from its beginning, with an object for everything in it.
      batch.count = row;
      const span = decodeSpan(r.bytes.subarray(start, end));
      this.#options.span(span);
      r.toEnd();
      r.close(outer);
      return addSpan(batch, span);
    }
    r.close(outer);
    if ((batch.traceHi.isZero(row) && batch.traceLo.isZero(row)) || batch.span.isZero(row)) {
      batch.count = row;
      batch.refused += 1;
      return -1;
    }
    return row;
  }

  /** False for a span that has what few have, or is not as it should be: the long way says so. */
  #fast(r: Reader, batch: SpanBatch, row: number): boolean {
    this.#turn += 1;
    this.#json = '';
    this.#route = '';
    this.#http = -1;
    this.#oldHttp = 0;
    let name = '';
    let extra = '';
    let start = 0;
    let finish = 0;
    batch.parent.clear(row);
    batch.traceHi.clear(row);
    batch.traceLo.clear(row);
    batch.span.clear(row);
    batch.kind[row] = 1;
    batch.status[row] = 0;
    batch.flags[row] = 0;
    while (r.more()) {
      const tag = r.varint();
      switch (tag) {
        case 0x4a: {
          const from = r.block();
          if (!this.#attribute(r.bytes, from, r.pos)) return false;
          break;
        }
        case 0x0a: {
          const from = r.block();
          if (r.pos - from !== 16) return false;
          batch.traceHi.setBytes(row, r.bytes, from);
          batch.traceLo.setBytes(row, r.bytes, from + 8);
          break;
        }
        case 0x12:
        case 0x22: {
          const from = r.block();
          if (r.pos - from === 0) break;
          if (r.pos - from !== 8) return false;
          (tag === 0x12 ? batch.span : batch.parent).setBytes(row, r.bytes, from);
          break;
        }
        case 0x2a: {
          const from = r.block();
          name = this.#name(r.bytes, from, r.pos);
          break;
        }
        case 0x30: {
          const kind = r.uint32();
          batch.kind[row] = kind >= 1 && kind <= 5 ? kind : 1;
          break;
        }
        case 0x39:
          start = r.nanos();
          break;
        case 0x41:
          finish = r.nanos();
          break;
        case 0x7a: {
          const from = r.block();
          const code = statusOf(r.bytes, from, r.pos);
          if (code < 0) return false;
          batch.status[row] = code;
          break;
        }
        case 0x85: {
          const flags = r.fixed32();
          batch.flags[row] = flags & 0xff;
          if ((flags & PARENT_KNOWN) !== 0) extra = `{"remote":${(flags & PARENT_REMOTE) !== 0}}`;
          break;
        }
        default:
          return false;
      }
    }
    batch.name[row] = name;
    batch.extra[row] = extra;
    batch.start[row] = start;
    batch.ms[row] = finish - start;
    batch.route[row] = this.#route;
    batch.http[row] = this.#http < 0 ? this.#oldHttp : this.#http;
    batch.attributes[row] = `{${this.#json}}`;
    return true;
  }

  #name(bytes: Uint8Array, start: number, end: number): string {
    const known = this.#names.get(bytes, start, end);
    if (known !== undefined) return known;
    const name = this.#options.name(textOf(bytes, start, end));
    if (end - start <= MAX_NAME) this.#names.set(bytes, start, end, name);
    return name;
  }

  /** A name below 128 bytes, then a text, a whole number or a boolean: the rest goes the long way. */
  #attribute(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < 4 || bytes[start] !== 0x0a) return false;
    const afterKey = start + 2 + bytes[start + 1]!;
    if (bytes[start + 1]! > 127 || afterKey + 3 >= end || bytes[afterKey] !== 0x12) return false;
    const key = this.#options.fragments.key(bytes, start + 2, afterKey);
    // Of a name that comes twice the last one counts, which a list of texts can't say.
    if (key === undefined || key.turn === this.#turn) return false;
    key.turn = this.#turn;
    const from = sized(bytes, afterKey + 1, end);
    if (from < 0) return false;
    const json = this.#value(key, bytes, from, end);
    if (json === undefined) return false;
    // It is the newer name that counts, whatever it says.
    if (this.#http < 0 && key.name === 'http.response.status_code') this.#http = 0;
    this.#json += this.#json === '' ? json : `,${json}`;
    return true;
  }

  #value(key: Key, bytes: Uint8Array, start: number, end: number): string | undefined {
    const { fragments } = this.#options;
    const tag = bytes[start];
    if (tag === 0x0a) {
      const from = sized(bytes, start + 1, end);
      const fragment = from < 0 ? undefined : fragments.text(key, bytes, from, end);
      if (fragment !== undefined && key.name === 'http.route') this.#route = fragment.text;
      return fragment?.json;
    }
    if (tag === 0x18) {
      const value = smallVarint(bytes, start + 1, end);
      if (value < 0) return undefined;
      if (value >= 100 && value <= 999) {
        if (key.name === 'http.response.status_code') this.#http = value;
        else if (key.name === 'http.status_code') this.#oldHttp = value;
      }
      return fragments.number(key, value);
    }
    if (tag === 0x10 && start + 2 === end && bytes[start + 1]! <= 1) {
      return fragments.boolean(key, bytes[start + 1] === 1);
    }
    return undefined;
  }
}

/** Where the content begins of a field whose length stands at `at` and that ends at `end`; -1 for any other. */
function sized(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 128) return at + 1 + first === end ? at + 1 : -1;
  const second = bytes[at + 1]!;
  const size = (first & 127) | (second << 7);
  return second < 128 && at + 2 + size === end ? at + 2 : -1;
}

/** A varint of at most four bytes that ends at `end`; -1 for any other. */
function smallVarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = at, shift = 0; i < end && shift < 28; i++, shift += 7) {
    const byte = bytes[i]!;
    value |= (byte & 127) << shift;
    if (byte < 128) return i + 1 === end ? value : -1;
  }
  return -1;
}

/** A status that is a code alone; -1 for one with more. */
function statusOf(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  if (end - start !== 2 || bytes[start] !== 0x18 || bytes[start + 1]! > 127) return -1;
  const code = bytes[start + 1]!;
  return code <= 2 ? code : 0;
}
