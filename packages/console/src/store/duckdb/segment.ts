// Long because it is one file's whole life, and each of its states is a condition of the others.
import { statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Attributes } from '@plimsoll/wire';
import { type Database, isDiskFull, isInvalidated, literal } from './database.ts';
import { Dictionary, type Origin, type OriginRow, type SeriesRow } from './dictionary.ts';
import { migrationsFrom, SCHEMA_VERSION, traceSummaries } from './schema.ts';
import { Seen } from './seen.ts';

export type Kind = 'spans' | 'logs' | 'points';

export interface Service {
  readonly resource: Attributes;
  readonly seen: Seen;
}

/**
 * One file of rows in the order they came. It is written to until it is full, then sealed: summed up, compressed and
 * never changed again, until it is dropped as a whole.
 */
export class Segment {
  readonly path: string;
  /** Its name in SQL. */
  readonly at: string;
  /** Epoch milliseconds. */
  readonly created: number;
  readonly seen: Readonly<Record<Kind, Seen>> = { spans: new Seen(), logs: new Seen(), points: new Seen() };
  readonly services = new Map<string, Service>();
  dictionary = new Dictionary();
  sealed = false;
  lastSeq = 0;
  /** Of the file and what is not yet in it. */
  bytes = 0;
  readonly #db: Database;
  readonly #pending: [Kind, Origin, Seen][] = [];
  #attached: Promise<void> | undefined;
  #users = 0;
  #dropped = false;

  constructor(
    db: Database,
    file: { readonly path: string; readonly created: number; readonly number: number },
  ) {
    this.#db = db;
    this.path = file.path;
    this.created = file.created;
    this.at = `s${file.number}`;
  }

  get idle(): boolean {
    return this.#users === 0;
  }

  get attached(): boolean {
    return this.#attached !== undefined;
  }

  get dropped(): boolean {
    return this.#dropped;
  }

  /** Opens the file, brings its schema up to date and reads what it is about. Throws where it can't be read. */
  async open(): Promise<'ready' | 'newer'> {
    await this.#db.run(`ATTACH ${literal(this.path)} AS ${this.at} (STORAGE_VERSION 'latest')`);
    this.#attached = Promise.resolve();
    const version = await this.#version();
    if (version > SCHEMA_VERSION) return 'newer';
    if (version < SCHEMA_VERSION) await this.#migrate(version);
    this.sealed = (await this.#tables()).has('traces');
    await this.#loadDictionary();
    await this.#loadSeen();
    this.measure();
    return 'ready';
  }

  /** Runs with the file attached; it can't be detached or dropped from disk meanwhile. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.hold();
    try {
      await this.ready();
      return await work();
    } finally {
      await this.release();
    }
  }

  /** Keeps the file where it is until `release`. Ask for `dropped` in the same turn. */
  hold(): void {
    this.#users += 1;
  }

  async ready(): Promise<void> {
    this.#attached ??= this.#attach();
    await this.#attached;
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#dropped && this.#users === 0) await this.#remove();
  }

  /** Closes the file and forgets what can be read from it again; only while idle. */
  async detach(): Promise<void> {
    if (!this.attached || !this.idle) return;
    this.#attached = undefined;
    this.dictionary = new Dictionary();
    await this.#db.run(`DETACH ${this.at}`);
  }

  saw(kind: Kind, origin: Origin, seen: Seen): void {
    if (seen.count > 0) this.#pending.push([kind, origin, seen]);
  }

  /** The transaction is on disk. */
  kept(): void {
    for (const [kind, origin, seen] of this.#pending.splice(0)) this.#count(kind, origin, seen);
    this.dictionary.kept();
    this.measure();
  }

  takeBack(): void {
    this.#pending.length = 0;
    this.dictionary.takeBack();
  }

  /** Sums its traces up and moves what is in the log into the file. Repeat it until it succeeds. */
  async seal(): Promise<void> {
    await this.use(async () => {
      if (!(await this.#tables()).has('traces')) {
        await this.#db.run(`CREATE TABLE ${this.at}.traces AS ${traceSummaries(this.at)} ORDER BY start`);
      }
      this.sealed = true;
      await this.checkpoint();
    });
  }

  /** A file whose checkpoint failed, as on a full disk, is unusable until it is closed: its log has all of it. */
  async checkpoint(): Promise<void> {
    try {
      await this.#db.run(`CHECKPOINT ${this.at}`);
    } catch (error) {
      if (isInvalidated(error) || isDiskFull(error)) await this.#reopen();
      throw error;
    }
    this.measure();
  }

  async isSound(): Promise<boolean> {
    return this.#version().then(
      () => true,
      () => false,
    );
  }

  measure(): void {
    this.bytes = sizeOf(this.path) + sizeOf(`${this.path}.wal`);
  }

  /** From now on for nobody new; the file goes when the last reader has gone. */
  async drop(): Promise<void> {
    this.#dropped = true;
    if (this.idle) await this.#remove();
  }

  /** Leaves nothing of a file that could not be begun. */
  async discard(): Promise<void> {
    this.#dropped = true;
    await this.#db.run(`DETACH DATABASE IF EXISTS ${this.at}`).catch(() => {});
    await rm(this.path, { force: true });
    await rm(`${this.path}.wal`, { force: true });
  }

  /** Out of the way, but kept for whoever wants to mend it. */
  async setAside(): Promise<void> {
    this.#dropped = true;
    await this.#db.run(`DETACH DATABASE IF EXISTS ${this.at}`).catch(() => {});
    await rename(this.path, `${this.path}.broken`);
    await rename(`${this.path}.wal`, `${this.path}.wal.broken`).catch(() => {});
  }

  async #remove(): Promise<void> {
    if (this.attached) await this.detach();
    await rm(this.path, { force: true });
    await rm(`${this.path}.wal`, { force: true });
  }

  async #attach(): Promise<void> {
    try {
      await this.#db.run(`ATTACH ${literal(this.path)} AS ${this.at}`);
      await this.#loadDictionary();
    } catch (error) {
      this.#attached = undefined;
      throw error;
    }
  }

  async #reopen(): Promise<void> {
    await this.#db.run(`DETACH DATABASE IF EXISTS ${this.at}`);
    this.#attached = this.#attach();
    await this.#attached;
  }

  async #version(): Promise<number> {
    if (!(await this.#tables()).has('schema_version')) return 0;
    const [row] = await this.#db.rows(`SELECT max(version) AS version FROM ${this.at}.schema_version`);
    return Number(row?.['version'] ?? 0);
  }

  async #migrate(version: number): Promise<void> {
    await this.#db.run(['BEGIN', ...migrationsFrom(version, this.at), 'COMMIT'].join(';\n'));
  }

  async #tables(): Promise<ReadonlySet<unknown>> {
    const rows = await this.#db.rows('SELECT table_name FROM duckdb_tables() WHERE database_name = $at', {
      at: this.at,
    });
    return new Set(rows.map(row => row['table_name']));
  }

  async #loadDictionary(): Promise<void> {
    const origins = await this.#db.rows(`SELECT id, service, detail FROM ${this.at}.origins`);
    const series = await this.#db.rows(`SELECT * FROM ${this.at}.series`);
    this.dictionary.load(origins as unknown as OriginRow[], series as unknown as SeriesRow[]);
  }

  async #loadSeen(): Promise<void> {
    const of = (kind: Kind, origin: string, time: string, from: string) =>
      `SELECT '${kind}' AS kind, ${origin} AS origin, count(*) AS n, min(${time}) AS a, max(${time}) AS b
       FROM ${from} GROUP BY ALL`;
    const rows = await this.#db.rows(
      [
        of('spans', 'origin', 'start', `${this.at}.spans`),
        of('logs', 'origin', 'time', `${this.at}.logs`),
        of('points', 'r.origin', 'p.time', `${this.at}.points p JOIN ${this.at}.series r ON r.id = p.series`),
      ].join('\nUNION ALL\n'),
    );
    for (const row of rows) {
      const seen = new Seen();
      Object.assign(seen, { count: Number(row['n']), from: row['a'], to: row['b'] });
      const origin = this.dictionary.origins.get(row['origin'] as number);
      if (origin !== undefined) this.#count(row['kind'] as Kind, origin, seen);
    }
    const [last] = await this.#db.rows(`SELECT coalesce(max(seq), 0) AS seq FROM ${this.at}.logs`);
    this.lastSeq = last?.['seq'] as number;
  }

  #count(kind: Kind, origin: Origin, seen: Seen): void {
    this.seen[kind].merge(seen);
    const known = this.services.get(origin.service);
    const service = { resource: origin.resource, seen: known?.seen ?? new Seen() };
    service.seen.merge(seen);
    this.services.set(origin.service, service);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
