// Long because which segments there are, are written, sealed and dropped is one bookkeeping.
import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../error.ts';
import { brokenFiles } from './broken.ts';
import type { Database } from './database.ts';
import { type Kind, Segment } from './segment.ts';

export interface Limits {
  /** All files of the folder together, in bytes. */
  readonly maxBytes: number;
  /** Since a segment was last written, in milliseconds. */
  readonly maxAgeMs: number;
  /** A segment that is larger is sealed. */
  readonly segmentBytes: number;
}

/** Files that are open at once; beyond it those not read for longest are closed. */
const MAX_ATTACHED = 64;
/** Segments that wait to be compressed stand in memory, so writing waits beyond these. */
const MAX_UNSEALED = 2;
/** Texts that repeat stand in memory until the segment is sealed. */
const MAX_DICTIONARY = 50_000;
const NAME = /^seg-(\d+)-(\d+)\.duckdb$/;

/** The segments of one folder, oldest first; the last one is written to. */
export class Segments {
  readonly #db: Database;
  readonly #limits: Limits;
  readonly #report: Report;
  #all: Segment[] = [];
  #active: Segment | undefined;
  #number = 0;
  #sealing: Promise<void> = Promise.resolve();
  #unsealed = 0;
  /** Full, and still in their logs: what kept them from being sealed may pass. */
  readonly #late = new Set<Segment>();
  #closed = false;

  constructor(db: Database, limits: Limits, report: Report) {
    this.#db = db;
    this.#limits = limits;
    this.#report = report;
  }

  get all(): readonly Segment[] {
    return this.#all;
  }

  get lastSeq(): number {
    return this.#all.reduce((last, segment) => Math.max(last, segment.lastSeq), 0);
  }

  /** Opens what is there; what can't be read is set aside, and never keeps the rest from being read. */
  async load(): Promise<void> {
    for (const name of (await readdir(this.#db.dir)).sort()) {
      const [, created, number] = NAME.exec(name) ?? [];
      if (created === undefined) continue;
      this.#number = Math.max(this.#number, Number(number));
      const file = { path: join(this.#db.dir, name), created: Number(created), number: Number(number) };
      const segment = await this.#open(file);
      if (segment !== undefined) this.#all.push(segment);
      await this.#trim();
    }
    const last = this.#all.at(-1);
    if (last !== undefined && !last.sealed) this.#active = last;
    for (const segment of this.#all) if (!segment.sealed && segment !== this.#active) this.#seal(segment);
  }

  /** The segment that takes the next rows. */
  async active(): Promise<Segment> {
    const now = Date.now();
    const current = this.#active;
    if (current !== undefined && !this.#isFull(current, now)) return current;
    if (current !== undefined) {
      this.#active = undefined;
      this.#seal(current);
      while (this.#unsealed > MAX_UNSEALED) await this.#sealing;
    }
    return this.#create(now);
  }

  /** After a write that failed: a segment that can't even be read any more is left, for a new one. */
  async doubt(segment: Segment): Promise<void> {
    if (this.#active !== segment) return;
    const sound = await segment.isSound();
    if (sound || this.#active !== segment) return;
    this.#active = undefined;
    this.#seal(segment);
  }

  /** Those that may hold rows of this kind and range. */
  within(kind: Kind, from: number, to: number): readonly Segment[] {
    return this.#all.filter(segment => segment.seen[kind].within(from, to));
  }

  /** Runs with all of these attached, and held from this turn on. */
  async use<T>(segments: readonly Segment[], work: () => Promise<T>): Promise<T> {
    for (const segment of segments) segment.hold();
    try {
      await Promise.all(segments.map(segment => segment.ready()));
      return await work();
    } finally {
      for (const segment of segments) await segment.release();
      await this.#trim();
    }
  }

  /** Sets a segment aside whose rows can't be read after all. */
  async setAside(segment: Segment, error: unknown): Promise<void> {
    this.#forget(segment);
    if (this.#active === segment) this.#active = undefined;
    await segment.setAside().catch(() => {});
    this.#report('PLIMSOLL_STORE_SEGMENT', `${segment.path}: ${textOf(error)}`);
  }

  async prune(): Promise<void> {
    const broken = await brokenFiles(this.#db.dir);
    let bytes = this.bytes + broken.reduce((sum, file) => sum + file.bytes, 0);
    const most = this.#most;
    const oldest = Date.now() - this.#limits.maxAgeMs;
    for (const file of broken) {
      if (bytes <= most && file.modified >= oldest) continue;
      await rm(file.path, { force: true });
      bytes -= file.bytes;
    }
    for (const segment of [...this.#all]) {
      if (segment === this.#active) break;
      const written = await stat(segment.path).then(
        file => file.mtimeMs,
        () => 0,
      );
      if (bytes <= most && written >= oldest) continue;
      bytes -= segment.bytes;
      this.#forget(segment);
      await segment.drop();
    }
  }

  /** Tries again to seal what could not be sealed. */
  retry(): void {
    for (const segment of this.#late) {
      this.#late.delete(segment);
      if (!segment.dropped) this.#seal(segment);
    }
  }

  get bytes(): number {
    return this.#all.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get full(): boolean {
    return this.bytes > this.#most;
  }

  /** A segment takes its place twice while it is compressed, and the next one grows meanwhile. */
  get #most(): number {
    return this.#limits.maxBytes - 2 * this.#limits.segmentBytes;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#sealing;
    await this.#active?.checkpoint().catch(() => {});
  }

  #isFull(segment: Segment, now: number): boolean {
    return (
      segment.bytes >= this.#limits.segmentBytes ||
      segment.dictionary.size > MAX_DICTIONARY ||
      now - segment.created > this.#limits.maxAgeMs / 8
    );
  }

  async #create(now: number): Promise<Segment> {
    this.#number += 1;
    const number = this.#number;
    const path = join(this.#db.dir, `seg-${String(now).padStart(14, '0')}-${number}.duckdb`);
    const segment = new Segment(this.#db, { path, created: now, number });
    try {
      await segment.open();
    } catch (error) {
      await segment.discard();
      throw error;
    }
    this.#all.push(segment);
    this.#active = segment;
    return segment;
  }

  async #open(file: { path: string; created: number; number: number }): Promise<Segment | undefined> {
    const open = async () => {
      const segment = new Segment(this.#db, file);
      if ((await segment.open()) === 'ready') return segment;
      await segment.detach();
      this.#report('PLIMSOLL_STORE_NEWER', file.path);
      return undefined;
    };
    try {
      return await open();
    } catch (error) {
      return this.#mend(file, open, error);
    }
  }

  /** What is only in the log may be what can't be read; then the file itself can. */
  async #mend(
    file: { path: string; created: number; number: number },
    open: () => Promise<Segment | undefined>,
    error: unknown,
  ): Promise<Segment | undefined> {
    const detach = () => this.#db.run(`DETACH DATABASE IF EXISTS s${file.number}`).catch(() => {});
    await detach();
    this.#report('PLIMSOLL_STORE_SEGMENT', `${file.path}: ${textOf(error)}`);
    const log = `${file.path}.wal`;
    if (existsSync(log)) {
      await rename(log, `${log}.broken`);
      const mended = await open().catch(() => undefined);
      if (mended !== undefined) return mended;
      await detach();
    }
    await rename(file.path, `${file.path}.broken`).catch(() => {});
    return undefined;
  }

  /** One after the other, beside what is written and read. */
  #seal(segment: Segment): void {
    this.#unsealed += 1;
    this.#sealing = this.#sealing.then(async () => {
      try {
        // A reader of the segment can keep it from being checkpointed; its log holds everything until then.
        let failed = true;
        for (let round = 0; round < 5 && failed && !segment.dropped; round++) {
          if (round > 0) await new Promise(done => setTimeout(done, 200));
          failed = await segment.seal().then(
            () => false,
            () => true,
          );
        }
        if (failed && !segment.dropped) this.#late.add(segment);
        if (!this.#closed) await this.prune();
      } catch (error) {
        this.#report('PLIMSOLL_STORE_WRITE', textOf(error));
      } finally {
        this.#unsealed -= 1;
      }
    });
  }

  async #trim(): Promise<void> {
    const open = this.#all.filter(segment => segment.attached && segment.idle && segment.sealed);
    for (const segment of open.slice(0, Math.max(0, open.length - MAX_ATTACHED))) await segment.detach();
  }

  #forget(segment: Segment): void {
    this.#all = this.#all.filter(other => other !== segment);
  }
}

/** The first line: an engine's message may go on with a stack. */
function textOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error)
    .split('\n')[0]!
    .slice(0, 300);
}
