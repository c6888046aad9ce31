import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { LINUX_METRICS, PROCESS_METRICS } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import { declare } from '../../signals/metrics/declare.ts';
import type { Metrics } from '../../signals/metrics/types.ts';
import type { Source } from './part.ts';

/** Ten thousand sockets make a listing of some milliseconds, so it is neither synchronous nor done on a read. */
const FDS_EVERY_TICKS = 10;

export function watchProcess({ metrics, clock }: Kit): Source {
  const user = declare(metrics, PROCESS_METRICS.cpuUser).handle();
  const system = declare(metrics, PROCESS_METRICS.cpuSystem).handle();
  const both = declare(metrics, PROCESS_METRICS.cpu).handle();
  declare(metrics, PROCESS_METRICS.startTime).set(Math.floor(clock.now() / 1000 - process.uptime()));
  let seen = { user: 0, system: 0 };
  let stopped = false;
  declare(metrics, PROCESS_METRICS.resident, {
    collect: resident => {
      if (stopped) return;
      resident.set(process.memoryUsage.rss());
      const used = process.cpuUsage();
      user.inc((used.user - seen.user) / 1e6);
      system.inc((used.system - seen.system) / 1e6);
      both.inc((used.user - seen.user + used.system - seen.system) / 1e6);
      seen = used;
    },
  });
  const linux = process.platform === 'linux' ? watchProc(metrics) : undefined;
  return {
    tick: count => linux?.tick?.(count),
    stop: () => {
      stopped = true;
      linux?.stop?.();
    },
  };
}

function watchProc(metrics: Metrics): Source {
  let stopped = false;
  const heap = declare(metrics, LINUX_METRICS.heap);
  declare(metrics, LINUX_METRICS.virtual, {
    collect: virtual => {
      if (stopped) return;
      const status = readFileSync('/proc/self/status', 'utf8');
      virtual.set(kilobytes(status, 'VmSize'));
      heap.set(kilobytes(status, 'VmData'));
    },
  });
  const open = declare(metrics, LINUX_METRICS.openFds);
  const count = async (): Promise<void> => {
    try {
      // One of them is the listing's own.
      open.set((await readdir('/proc/self/fd')).length - 1);
    } catch {
      // Out of descriptors, of all moments: the old value stands.
    }
  };
  const most = maxFds();
  if (most !== undefined) declare(metrics, LINUX_METRICS.maxFds).set(most);
  void count();
  return {
    tick: ticks => {
      if (ticks % FDS_EVERY_TICKS === 0) void count();
    },
    stop: () => {
      stopped = true;
    },
  };
}

/** @throws when the line is missing, so that the old value stands */
function kilobytes(status: string, key: string): number {
  const found = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status);
  if (!found) throw new Error(`/proc/self/status has no ${key}`);
  return Number(found[1]) * 1024;
}

function maxFds(): number | undefined {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}
