import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashSource, CrashSummary } from '@plimsoll/wire';
import { writeFileAtomicSync } from '../../base/atomic-file.ts';

export interface StoreOptions {
  readonly folder: string;
  readonly maxFiles: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** A dump as its file has it; more names may follow. */
export interface Dump extends Readonly<Record<string, unknown>> {
  readonly timestamp: string;
}

const FILE = /^crash-\d{8}_\d{6}-[A-Za-z0-9_-]+\.json$/;
/** Characters of `crash-YYYYMMDD_HHMMSS`. */
const STAMP = 21;
const MAX_ID = 64;
/** Names are tried this often before a crash storm within one second is given up on. */
const MAX_SAME = 1000;
/** What is larger was not written by us. */
const MAX_BYTES = 8 * 1024 * 1024;
const STALE_MS = 3_600_000;

/** The folder of dumps. Its files are the owner's alone, and none is ever overwritten. */
export class CrashStore {
  readonly folder: string;
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.folder = options.folder;
    this.#options = options;
  }

  /** Gives the path. `more` are files that belong to the dump, by what stands before `.json` in their names. */
  write(
    dump: Dump,
    given: string | undefined,
    more: Readonly<Record<string, string>> = {},
  ): { path: string; eventId: string } {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const wanted = safeId(given) ?? randomBytes(4).toString('hex');
    const stamp = dump.timestamp.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');
    const { path, id } = this.#reserve(`crash-${stamp}`, wanted);
    const eventId = given === undefined ? id : wanted;
    try {
      writeFileAtomicSync(path, `${JSON.stringify(sorted({ ...dump, event_id: eventId }), null, 2)}\n`);
      for (const [name, text] of Object.entries(more)) {
        writeFileAtomicSync(path.replace(/json$/, `${name}.json`), text);
      }
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
    this.prune(path);
    return { path, eventId };
  }

  /** Takes a name by making the file: whoever comes second within the second gets another. */
  #reserve(prefix: string, wanted: string): { path: string; id: string } {
    for (let n = 1; ; n++) {
      const id = n === 1 ? wanted : `${wanted}-${n}`;
      const path = join(this.folder, `${prefix}-${id}.json`);
      try {
        closeSync(openSync(path, 'wx', 0o600));
        return { path, id };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || n >= MAX_SAME) throw error;
      }
    }
  }

  /** Newest first; files that can't be read are skipped. */
  list(limit = 20): readonly CrashSummary[] {
    const rows: CrashSummary[] = [];
    for (const name of this.#names()) {
      if (rows.length >= Math.max(1, limit)) break;
      const dump = this.#read(name);
      if (dump !== undefined) rows.push(summary(dump, this.#place(name)));
    }
    return rows;
  }

  /** By the name of its file, or the newest of an event id. */
  find(id: string): Readonly<Record<string, unknown>> | undefined {
    const names = this.#names();
    const name = names.find(one => one === `${id}.json`) ?? names.find(one => one.endsWith(`-${id}.json`));
    const dump = name === undefined ? undefined : this.#read(name);
    return dump && name !== undefined ? { ...dump, ...this.#place(name) } : undefined;
  }

  /** Holds the folder within its bounds; `keep` stays whatever they say. */
  prune(keep?: string): void {
    const { maxFiles, maxBytes, maxAgeMs } = this.#options;
    const oldest = Date.now() - maxAgeMs;
    let bytes = 0;
    for (const [n, name] of this.#names().entries()) {
      const path = join(this.folder, name);
      const { size = 0, mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
      bytes += size;
      if (path !== keep && (n >= maxFiles || (n > 0 && bytes > maxBytes) || mtimeMs < oldest))
        this.remove(path);
    }
    this.#sweep();
  }

  /** With what belongs to it. */
  remove(path: string): void {
    for (const one of [path, path.replace(/json$/, 'report.json')]) rmSync(one, { force: true });
  }

  /** What a process that was killed in the middle of a write left behind. */
  #sweep(): void {
    for (const name of entries(this.folder)) {
      if (!name.endsWith('.tmp')) continue;
      const path = join(this.folder, name);
      const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
      if (Date.now() - mtimeMs > STALE_MS) rmSync(path, { force: true });
    }
  }

  /** Newest first: by the stamp in the name, and within one second by when it was written. */
  #names(): readonly string[] {
    const written = new Map<string, number>();
    const timeOf = (name: string): number => {
      const known = written.get(name);
      if (known !== undefined) return known;
      const { mtimeMs = 0 } = statSync(join(this.folder, name), { throwIfNoEntry: false }) ?? {};
      written.set(name, mtimeMs);
      return mtimeMs;
    };
    return entries(this.folder)
      .filter(name => FILE.test(name))
      .sort((a, b) => {
        const [one, other] = [a.slice(0, STAMP), b.slice(0, STAMP)];
        if (one !== other) return one < other ? 1 : -1;
        return timeOf(b) - timeOf(a);
      });
  }

  #place = (name: string): { id: string; path: string } => ({
    id: name.slice(0, -'.json'.length),
    path: join(this.folder, name),
  });

  #read(name: string): Readonly<Record<string, unknown>> | undefined {
    try {
      const path = join(this.folder, name);
      if (statSync(path).size > MAX_BYTES) return undefined;
      const dump: unknown = JSON.parse(readFileSync(path, 'utf8'));
      return typeof dump === 'object' && dump !== null && 'exc_type' in dump ? { ...dump } : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Nothing of an id can lead out of the folder, or hide the file. */
function safeId(given: string | undefined): string | undefined {
  const safe = given
    ?.replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[_-]+/, '')
    .slice(0, MAX_ID);
  return safe === '' ? undefined : safe;
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function summary(dump: Readonly<Record<string, unknown>>, place: { id: string; path: string }): CrashSummary {
  const text = (key: string): string => String(dump[key] ?? '');
  const optional = ['request_id', 'trace_id', 'route', 'suppressed', 'synthetic'].filter(key => key in dump);
  return {
    ...place,
    ...{ event_id: text('event_id'), timestamp: text('timestamp'), exc_type: text('exc_type') },
    ...{ message: text('message'), fingerprint: text('fingerprint'), source: text('source') as CrashSource },
    ...Object.fromEntries(optional.map(key => [key, dump[key]])),
  };
}

/** Keys in order at every depth, so that two dumps can be compared line by line. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(pairs.map(([key, inner]) => [key, sorted(inner)]));
}
