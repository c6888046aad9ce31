import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LockOptions {
  /** Milliseconds to wait for whoever holds it; default 5000. 0 is one try. */
  readonly waitMs?: number;
  /** A holder on another host, or one that can't be read, counts as gone after this; default 30,000. */
  readonly staleMs?: number;
}

/** Whoever waits asks this often. */
const POLL_MS = 15;

/**
 * Runs `fn` while a file beside the data says that nobody else may: for all processes that share the folder. The file
 * holds host and process, so that the lock of a process which was killed is taken over at once. Undefined where the
 * lock was not to be had in time. `held` is false once somebody took it over: ask before the last step of a change.
 */
export async function withFileLock<T>(
  path: string,
  fn: (held: () => boolean) => Promise<T>,
  { waitMs = 5000, staleMs = 30_000 }: LockOptions = {},
): Promise<{ readonly value: T } | undefined> {
  const token = tokenOf();
  await mkdir(dirname(path), { recursive: true });
  const until = performance.now() + waitMs;
  while (!(await take(path, token))) {
    if (isStale(path, staleMs)) await breakLock(path, staleMs);
    else if (performance.now() >= until) return undefined;
    else await sleep(POLL_MS * (0.5 + Math.random()));
  }
  const held = (): boolean => readHolder(path) === token;
  try {
    return { value: await fn(held) };
  } finally {
    if (held()) await rm(path, { force: true });
  }
}

/**
 * The file appears with its holder in it, or not at all: one that were empty for a moment would be nobody's if its
 * process was killed just then.
 */
async function take(path: string, token: string): Promise<boolean> {
  // Whoever waits asks often; this is what that costs.
  if (existsSync(path)) return false;
  const whole = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(whole, token, { flag: 'wx', mode: 0o600 });
    await link(whole, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (NO_LINKS.has(code)) return takeUnlinked(path, token);
    throw error;
  } finally {
    await rm(whole, { force: true });
  }
}

/** File systems without hard links say one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

async function takeUnlinked(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whether its holder is a process of this host that is gone, or nobody that we know who has had it for long. */
function isStale(path: string, staleMs: number): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  const holder = parse(readHolder(path));
  if (holder?.host === hostname()) return !isAlive(holder.pid);
  return Date.now() - stat.mtimeMs > staleMs;
}

/**
 * One at a time removes a stale lock, and looks again before it does: else a second one, who saw the same stale file,
 * would remove the fresh lock of whoever came between.
 */
async function breakLock(path: string, staleMs: number): Promise<void> {
  const breaker = `${path}.break`;
  if (!(await take(breaker, tokenOf()))) {
    if (isStale(breaker, staleMs)) await rm(breaker, { force: true });
    await sleep(POLL_MS);
    return;
  }
  try {
    if (isStale(path, staleMs)) await rm(path, { force: true });
  } finally {
    await rm(breaker, { force: true });
  }
}

function tokenOf(): string {
  const token = randomBytes(8).toString('hex');
  return `${JSON.stringify({ host: hostname(), pid: process.pid, token })}\n`;
}

function parse(text: string | undefined): { readonly host: string; readonly pid: number } | undefined {
  try {
    return JSON.parse(text ?? '') as { host: string; pid: number };
  } catch {
    return undefined;
  }
}

/** Of this host. A process that may not be signalled is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
