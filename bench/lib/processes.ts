import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Before anything is pinned: it counts the cores that this process may use. */
const CORES = availableParallelism();
export const canPin = spawnSync('taskset', ['--version']).status === 0 && CORES > 1;
/** The server has a core for itself; load, sink and this process share the rest. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;
export const SINK_CORE = CORES > 2 ? 2 : 1;

/** Moves this process off the server's core. */
export function pinSelf(): void {
  if (canPin) spawnSync('taskset', ['-cp', String(SINK_CORE), String(process.pid)]);
}

/** A Node process on one core, with a channel to it. */
export function pinned(core: number, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return onCores(String(core), args, env);
}

/** A Node process that may use every core, whatever this one was pinned to. */
export function unpinned(args: readonly string[]): ChildProcess {
  return onCores(`0-${CORES - 1}`, args, {});
}

function onCores(cores: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const command = canPin ? 'taskset' : process.execPath;
  const all = canPin ? ['-c', cores, process.execPath, ...args] : [...args];
  return spawn(command, all, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...plainEnv(), NODE_ENV: 'production', ...env },
  });
}

/** What the shell of whoever runs this has set must not steer what is measured. */
function plainEnv(): NodeJS.ProcessEnv {
  const steering = /^(OBS|OTEL|LOG|DD|SENTRY|PLIMSOLL|TELEMETRY)_|^NODE_OPTIONS$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !steering.test(name)));
}

/** The next message of a child; rejects when it ends first. */
export function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`a process of the bench ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', value => {
      child.off('exit', onExit);
      resolve(value as T);
    });
  });
}

/** Sends one question and gives back its answer; one at a time for each child. */
export function ask<T>(child: ChildProcess, question: object): Promise<T> {
  const answer = message<T>(child);
  child.send(question);
  return answer;
}

/** Runs a script to its one answer, then lets it go. */
export async function once<T>(
  core: number,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<T> {
  const child = pinned(core, args, env);
  try {
    return await message<T>(child);
  } finally {
    child.kill();
  }
}

/** A folder in memory where the machine has one, so that no disk is measured. */
export function scratch(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'plimsoll-bench-'));
}

/** For what has to reach a disk. */
export function scratchOnDisk(): string {
  return mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
}

export function script(path: string): string {
  return new URL(`../${path}`, import.meta.url).pathname;
}

export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
