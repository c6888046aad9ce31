import type { Resource } from '../signals.ts';
import { type MutableAttributes, readAttribute } from './decode-value.ts';
import type { Draft } from './draft.ts';
import { fields, Reader } from './reader.ts';
import type { PartialSuccess, ResourceGroup, Scope, ScopeGroup } from './types.ts';

const REQUEST = fields(1);
const GROUP = fields(1, 2, 3);
const RESOURCE = fields(1, 2);
const SCOPE = fields(1, 2, 3, 4);
const PARTIAL = fields(1, 2);

/** The three export requests have one shape: entries under scopes under resources. */
export function decodeGroups<T>(bytes: Uint8Array, readEntry: (r: Reader) => T): readonly ResourceGroup<T>[] {
  const r = new Reader(bytes);
  const groups: ResourceGroup<T>[] = [];
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) groups.push(readGroup(r, readEntry));
    else r.skip(tag, REQUEST);
  }
  return groups;
}

/**
 * A receiver's answer to any of the three requests: what it refused, or `undefined` where it took everything
 * without a word. Throws `OtlpError`.
 */
export function decodeResponse(bytes: Uint8Array): PartialSuccess | undefined {
  const r = new Reader(bytes);
  let partial: PartialSuccess | undefined;
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) partial = readPartial(r);
    else r.skip(tag, REQUEST);
  }
  return partial && partial.rejected === 0 && partial.message === '' ? undefined : partial;
}

function readPartial(r: Reader): PartialSuccess {
  const outer = r.open();
  const partial = { rejected: 0, message: '' };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x08) partial.rejected = Number(r.int64());
    else if (tag === 0x12) partial.message = r.utf8();
    else r.skip(tag, PARTIAL);
  }
  r.close(outer);
  return partial;
}

function readGroup<T>(r: Reader, readEntry: (r: Reader) => T): ResourceGroup<T> {
  const outer = r.open();
  const scopes: ScopeGroup<T>[] = [];
  const group: Draft<ResourceGroup<T>> = { resource: { attributes: {} }, scopes };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) group.resource = readResource(r);
    else if (tag === 0x12) scopes.push(readScopeGroup(r, readEntry));
    else if (tag === 0x1a) group.schemaUrl = r.utf8();
    else r.skip(tag, GROUP);
  }
  r.close(outer);
  return group;
}

function readScopeGroup<T>(r: Reader, readEntry: (r: Reader) => T): ScopeGroup<T> {
  const outer = r.open();
  const items: T[] = [];
  const group: Draft<ScopeGroup<T>> = { scope: { name: '', version: '', attributes: {} }, items };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x12) items.push(readEntry(r));
    else if (tag === 0x0a) group.scope = readScope(r);
    else if (tag === 0x1a) group.schemaUrl = r.utf8();
    else r.skip(tag, GROUP);
  }
  r.close(outer);
  return group;
}

function readResource(r: Reader): Resource {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) readAttribute(r, attributes);
    else if (tag === 0x10) r.uint32();
    else r.skip(tag, RESOURCE);
  }
  r.close(outer);
  return { attributes };
}

function readScope(r: Reader): Scope {
  const outer = r.open();
  const attributes: MutableAttributes = {};
  const scope: Draft<Scope> = { name: '', version: '', attributes };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) scope.name = r.utf8();
    else if (tag === 0x12) scope.version = r.utf8();
    else if (tag === 0x1a) readAttribute(r, attributes);
    else if (tag === 0x20) r.uint32();
    else r.skip(tag, SCOPE);
  }
  r.close(outer);
  return scope;
}
