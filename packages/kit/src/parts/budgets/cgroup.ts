import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a cgroup (v2) allows and has used. */
export interface CgroupSample {
  /** Microseconds of CPU, since the group began; undefined where it has no limit. */
  readonly cpuUsec: number | undefined;
  /** CPUs that it may use. */
  readonly cpus: number | undefined;
  readonly memUsed: number | undefined;
  readonly memMax: number | undefined;
}

export interface CgroupPlaces {
  /** Default `/sys/fs/cgroup`. */
  readonly root?: string;
  /** Default `/proc/self/cgroup`. */
  readonly self?: string;
}

/** The reader of this process's cgroup, or undefined where there is none of version 2, or it has no limit. */
export function cgroupReader(places: CgroupPlaces = {}): (() => Promise<CgroupSample>) | undefined {
  const { root = '/sys/fs/cgroup', self = '/proc/self/cgroup' } = places;
  const path = /^0::(.*)$/m.exec(textOf(self) ?? '')?.[1];
  if (path === undefined) return undefined;
  // A limit of a group above holds for those below; the nearest one with a limit says how much of it is used.
  const groups = ancestors(path).map(group => join(root, group));
  const cpu = groups.find(group => /^\d/.test(textOf(join(group, 'cpu.max')) ?? ''));
  const memory = groups.find(group => /^\d/.test(textOf(join(group, 'memory.max')) ?? ''));
  if (cpu === undefined && memory === undefined) return undefined;
  return async () => ({ ...(await cpuOf(cpu)), ...(await memoryOf(memory)) });
}

async function cpuOf(group: string | undefined): Promise<Pick<CgroupSample, 'cpuUsec' | 'cpus'>> {
  if (group === undefined) return { cpuUsec: undefined, cpus: undefined };
  const [quota = Number.NaN, period = 100_000] = (await read(join(group, 'cpu.max')))
    .split(/\s+/)
    .map(Number);
  const cpuUsec = field(await read(join(group, 'cpu.stat')), 'usage_usec');
  const cpus = quota / period;
  return Number.isFinite(cpus) ? { cpuUsec, cpus } : { cpuUsec: undefined, cpus: undefined };
}

async function memoryOf(group: string | undefined): Promise<Pick<CgroupSample, 'memUsed' | 'memMax'>> {
  if (group === undefined) return { memUsed: undefined, memMax: undefined };
  const max = Number(await read(join(group, 'memory.max')));
  const current = Number(await read(join(group, 'memory.current')));
  // Pages of files that nobody used of late are given back on demand.
  const cache = field(await read(join(group, 'memory.stat')), 'inactive_file') ?? 0;
  if (!Number.isFinite(max) || !Number.isFinite(current)) return { memUsed: undefined, memMax: undefined };
  return { memUsed: Math.max(0, current - cache), memMax: max };
}

function ancestors(path: string): string[] {
  const parts = path.split('/').filter(part => part !== '');
  return Array.from({ length: parts.length + 1 }, (_, up) => parts.slice(0, parts.length - up).join('/'));
}

const field = (text: string, name: string): number | undefined => {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text);
  return found ? Number(found[1]) : undefined;
};

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
