import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, writeFileAtomic } from './atomic-file.ts';
import { builtin } from './builtin.ts';

export interface JournalOptions<E> {
  readonly path: string;
  /** Gets every entry that was acknowledged before, in order, before `openJournal` resolves. */
  readonly replay: (entry: E) => void;
}

/**
 * An append-only file of JSON lines, each with its checksum, for one process at a time. What `append` resolved for is
 * there after a crash of the process or of the machine; a line that was cut by one is dropped when the file is opened.
 */
export interface Journal<E> {
  /** Bytes of the file, with what waits to be written. */
  readonly bytes: number;
  /** Lines that could not be read when the file was opened, a cut last one not counted. */
  readonly damaged: number;
  /** Resolves when the entry is on the disk; entries that come together share one sync. */
  append(entry: E): Promise<void>;
  /** Puts these entries in place of all that came before the call, in one rename. Later appends follow them. */
  rewrite(entries: Iterable<E>): Promise<void>;
  /** Hands what waits to the file system, on the spot and without a sync, for a process that is about to end. */
  flushSync(): void;
  /** Writes what waits, and closes. Safe twice. */
  close(): Promise<void>;
}

/** Opens or makes the file and its folder (owner only). Rejects with what the file system throws. */
export async function openJournal<E>(options: JournalOptions<E>): Promise<Journal<E>> {
  const { path, replay } = options;
  await mkdir(dirname(path), { recursive: true });
  const read = readLines(path, replay);
  if (read.cut) await truncate(path, read.bytes);
  const file = await open(path, 'a', 0o600);
  await syncFolder(path);
  return new FileJournal<E>(path, file, read);
}

interface Waiting {
  readonly line: Buffer;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

class FileJournal<E> implements Journal<E> {
  readonly damaged: number;
  bytes: number;
  readonly #path: string;
  #file: FileHandle;
  /** Bytes that are written whole; what a failed write leaves beyond them is cut off again. */
  #written: number;
  /** What the next write takes; a rewrite begins a new list, so that what came before it can't be written after. */
  #waiting: Waiting[] = [];
  /** Writes and rewrites, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #scheduled: Waiting[] | undefined;
  #closed: Promise<void> | undefined;

  constructor(path: string, file: FileHandle, { bytes, damaged }: { bytes: number; damaged: number }) {
    this.#path = path;
    this.#file = file;
    this.bytes = bytes;
    this.#written = bytes;
    this.damaged = damaged;
  }

  append(entry: E): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the journal is closed'));
    const line = encode(entry);
    this.bytes += line.length;
    return new Promise((done, failed) => {
      this.#waiting.push({ line, done, failed });
      this.#schedule();
    });
  }

  rewrite(entries: Iterable<E>): Promise<void> {
    // What waits now comes before the call: its entries are among the given ones, or are meant to go.
    const before = this.#waiting.splice(0);
    this.#waiting = [];
    const data = Buffer.concat([...entries].map(encode));
    const work = this.#work.then(async () => {
      try {
        await writeFileAtomic(this.#path, data);
        const old = this.#file;
        this.#file = await open(this.#path, 'a', 0o600);
        await old.close();
        this.#written = data.length;
        this.bytes = data.length + this.#waiting.reduce((sum, { line }) => sum + line.length, 0);
        for (const { done } of before) done();
      } catch (error) {
        // The old file is still in place, and these belong to it.
        this.#waiting.unshift(...before);
        this.#schedule();
        throw error;
      }
    });
    this.#work = work.catch(() => {});
    return work;
  }

  flushSync(): void {
    const waiting = this.#waiting.splice(0);
    if (waiting.length === 0) return;
    const fd = openSync(this.#path, 'a', 0o600);
    try {
      this.#written += writeSync(fd, Buffer.concat(waiting.map(({ line }) => line)));
    } finally {
      closeSync(fd);
    }
    for (const { done } of waiting) done();
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#work;
      await this.#write(this.#waiting);
      await this.#file.close();
    })();
    return this.#closed;
  }

  #schedule(): void {
    const waiting = this.#waiting;
    if (this.#scheduled === waiting) return;
    this.#scheduled = waiting;
    this.#work = this.#work.then(() => this.#write(waiting));
  }

  async #write(waiting: Waiting[]): Promise<void> {
    if (this.#scheduled === waiting) this.#scheduled = undefined;
    const batch = waiting.splice(0);
    if (batch.length === 0) return;
    const data = Buffer.concat(batch.map(({ line }) => line));
    try {
      for (let at = 0; at < data.length; ) at += (await this.#file.write(data, at)).bytesWritten;
      await this.#file.datasync();
      this.#written += data.length;
      for (const { done } of batch) done();
    } catch (error) {
      this.bytes -= data.length;
      await this.#file.truncate(this.#written).catch(() => {});
      for (const { failed } of batch) failed(error);
    }
  }
}

function encode(entry: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(entry));
  return Buffer.concat([Buffer.from(`${checksum(json)} `), json, NEWLINE]);
}

const NEWLINE = Buffer.from('\n');
/** Eight hex digits and a blank. */
const HEAD = 9;

function checksum(json: Uint8Array): string {
  return builtin('node:zlib').crc32(json).toString(16).padStart(8, '0');
}

interface Read {
  /** Up to the end of the last whole line. */
  readonly bytes: number;
  readonly damaged: number;
  readonly cut: boolean;
}

function readLines<E>(path: string, replay: (entry: E) => void): Read {
  let data: Buffer;
  try {
    data = readFileSync(path);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    return { bytes: 0, damaged: 0, cut: false };
  }
  let damaged = 0;
  let from = 0;
  for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, from)) {
    const json = data.subarray(from + HEAD, end);
    if (data.toString('latin1', from, from + HEAD - 1) === checksum(json))
      replay(JSON.parse(json.toString('utf8')));
    else damaged += 1;
    from = end + 1;
  }
  return { bytes: from, damaged, cut: from < data.length };
}
