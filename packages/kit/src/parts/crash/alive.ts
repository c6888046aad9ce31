import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { writeFileAtomicSync } from '../../base/atomic-file.ts';

/** What a process leaves while it lives, so that the next can tell of an end that nobody could write about. */
export interface Marker {
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly started: number;
  /** The kernel's own count for the start, which a later process with the same pid does not have; Linux only. */
  readonly ticks: string | undefined;
  readonly host: string;
  readonly service: string;
  readonly version: string;
  /** Relative to the folder of the markers, so that no path of this machine is in the file. */
  readonly cwd: string;
  readonly reports: string;
  readonly log: string | undefined;
}

/** A marker whose process is gone. */
export interface Ended extends Marker {
  /** True where the machine started after it: it may have lost power. */
  readonly restarted: boolean;
}

const FILE = /^alive-\d+-[0-9a-f]+\.json$/;

/** Writes the marker of this process; what it gives back takes it away at a clean end. */
export function markAlive(
  folder: string,
  { service, version, log }: { service: string; version: string; log: string | undefined },
): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `alive-${process.pid}-${randomBytes(4).toString('hex')}.json`);
  const marker: Marker = {
    ...{ pid: process.pid, started: Math.round(performance.timeOrigin), ticks: ticksOf(process.pid) },
    ...{ host: hostname(), service, version },
    cwd: relative(folder, process.cwd()),
    reports: relative(folder, process.report.directory || process.cwd()),
    log: log && relative(folder, log),
  };
  writeFileAtomicSync(path, `${JSON.stringify(marker)}\n`);
  return () => rmSync(path, { force: true });
}

/** Takes the markers of processes of this machine that are gone, each for one caller alone. */
export function takeEnded(folder: string, maxAgeMs: number): readonly Ended[] {
  const found: Ended[] = [];
  for (const name of readdirSync(folder).filter(one => FILE.test(one))) {
    const path = join(folder, name);
    try {
      const marker = JSON.parse(readFileSync(path, 'utf8')) as Marker;
      // In a folder that machines share, only its own machine knows whether a process lives.
      if (marker.host !== hostname()) {
        if (Date.now() - statSync(path).mtimeMs > maxAgeMs) rmSync(path, { force: true });
        continue;
      }
      if (lives(marker)) continue;
      const taken = `${path}.${process.pid}.tmp`;
      renameSync(path, taken);
      rmSync(taken, { force: true });
      const boot = Date.now() - uptime() * 1000;
      const at = (place: string): string => resolve(folder, place);
      found.push({
        ...{ ...marker, cwd: at(marker.cwd), reports: at(marker.reports), log: marker.log && at(marker.log) },
        restarted: marker.started < boot - 1000,
      });
    } catch {
      // Another start was faster, or the file is none of ours.
    }
  }
  return found;
}

function lives({ pid, ticks, started }: Marker): boolean {
  if (pid === process.pid) return Math.abs(started - performance.timeOrigin) < 1000;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process under its number is a process all the same.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return ticks === undefined || ticksOf(pid) === ticks;
}

/** proc(5): the 22nd field of stat, counted after the command's name, which may hold blanks and brackets. */
function ticksOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
