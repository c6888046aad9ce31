import { randomBytes } from 'node:crypto';
import { statSync, utimesSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { blake2s } from '@plimsoll/privacy';
import { isAlive } from '../../base/file-lock.ts';
import { type Journal, openJournal } from '../../base/journal.ts';
import type { Entry } from './usage.ts';

/** A journal of one process, which only this process appends to: its name says whose, and of which epoch. */
export interface Segment {
  readonly name: string;
  readonly epoch: string;
  readonly journal: Journal<Entry>;
}

const EXTENSION = '.log';
/** A process of another host touches its journal more often than this; one that does not is gone. */
const FOREIGN_MS = 5 * 60_000;

/** Hosts that share a folder are told apart; their names stay theirs. */
const HOST = Buffer.from(blake2s(Buffer.from(hostname()), 4)).toString('hex');
/** A process that has our number but began at another time was not us: in a container every first one is 1. */
const BEGAN = Math.round(performance.timeOrigin).toString(36);

/** The journals in a folder that several processes may share. */
export class Segments {
  readonly #folder: string;
  readonly #instance = randomBytes(4).toString('hex');
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(epoch: string): Promise<Segment> {
    this.#count += 1;
    const name = [epoch, HOST, process.pid, BEGAN, this.#instance, this.#count].join('.') + EXTENSION;
    const journal = await openJournal<Entry>({ path: this.path(name), replay: () => {} });
    return { name, epoch, journal };
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Those that nobody appends to any more: our own but `current`, and those of processes that are gone. */
  async ended(current: string | undefined): Promise<readonly string[]> {
    await mkdir(this.#folder, { recursive: true });
    const names = (await readdir(this.#folder)).filter(name => name.endsWith(EXTENSION));
    return names.filter(name => name !== current && this.#isEnded(name)).sort();
  }

  /** The entries of a journal that has ended; a line that a crash cut is no entry. */
  async read(name: string): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    const journal = await openJournal<Entry>({ path: this.path(name), replay: entry => entries.push(entry) });
    await journal.close();
    return entries;
  }

  has(name: string): boolean {
    return statSync(this.path(name), { throwIfNoEntry: false }) !== undefined;
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true });
  }

  /** Says to other hosts that the process is there. */
  touch(name: string): void {
    const now = Date.now() / 1000;
    if (this.has(name)) utimesSync(this.path(name), now, now);
  }

  #isEnded(name: string): boolean {
    const [, host, pid, began, instance] = name.split('.');
    if (host !== HOST) {
      const stat = statSync(this.path(name), { throwIfNoEntry: false });
      return stat !== undefined && Date.now() - stat.mtimeMs > FOREIGN_MS;
    }
    if (Number(pid) !== process.pid) return !isAlive(Number(pid));
    return began !== BEGAN || instance === this.#instance;
  }
}

export function epochOf(name: string): string {
  return name.split('.')[0] ?? '';
}
