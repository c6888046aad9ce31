import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Owner {
  readonly pid: number;
  /** When that process started, milliseconds since the epoch: a pid comes back, in a container always the same. */
  readonly started: number;
}

/** Two clocks of one process say its start this close to each other. */
const SAME_MS = 1500;

/** Takes the folder for this process; undefined where a living one has it, else what gives it back. */
export function lockFolder(dir: string): (() => void) | undefined {
  const path = join(dir, 'queue.lock');
  const own: Owner = { pid: process.pid, started: Math.round(performance.timeOrigin) };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isHeld(path, own)) return undefined;
      rmSync(path, { force: true });
    }
  }
  return undefined;
}

function isHeld(path: string, own: Owner): boolean {
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as Owner;
    if (owner.pid === own.pid) return Math.abs(owner.started - own.started) < SAME_MS;
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
