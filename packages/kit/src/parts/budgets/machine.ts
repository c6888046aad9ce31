import { statfs } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Gpu, PerfMetrics } from '@plimsoll/wire';
import { type CgroupPlaces, cgroupReader } from './cgroup.ts';
import { gpuReader } from './gpu.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;
/** A process for each look, and what it says changes slowly. */
const GPU_EVERY_MS = 2000;
const LEAST_TICKS_MS = 100;
/** A finer one costs more and finds no more. */
const RESOLUTION_MS = 20;

export interface MachineOptions extends CgroupPlaces {
  /** Whose disk is meant. */
  readonly folder: string;
  /** Where commands are looked for; default PATH. */
  readonly path?: string;
}

/** Samples this machine, or what a cgroup leaves of it: each since the one before. Nothing here waits for anything. */
export class Machine {
  readonly #folder: string;
  readonly #cgroup: ReturnType<typeof cgroupReader>;
  readonly #askGpus: ReturnType<typeof gpuReader>;
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #times = cpuTimes();
  #group: { usec: number; at: number } | undefined;
  #cpu = 0;
  #loop = performance.eventLoopUtilization();
  #gpus: readonly Gpu[] = [];
  #asked = Number.NEGATIVE_INFINITY;

  constructor({ folder, path, ...places }: MachineOptions) {
    this.#folder = folder;
    this.#cgroup = cgroupReader(places);
    this.#askGpus = gpuReader(path);
    this.#delay.enable();
  }

  readonly sample = async (): Promise<Partial<PerfMetrics>> => {
    const loop = this.#takeLoop();
    const [cpuAndMemory, disk] = await Promise.all([this.#processor(), this.#disk(), this.#takeGpus()]);
    const gpus = this.#gpus;
    return { ok: true, ...cpuAndMemory, ...disk, ...loop, gpus, first_gpu: gpus[0] ?? null };
  };

  stop(): void {
    this.#delay.disable();
  }

  async #processor(): Promise<Partial<PerfMetrics>> {
    const group = await this.#cgroup?.();
    const system = this.#systemShare();
    const share =
      group?.cpuUsec === undefined ? system : (this.#groupShare(group.cpuUsec, group.cpus) ?? system);
    this.#cpu = Number.isFinite(share) ? share : this.#cpu;
    const total = group?.memMax ?? memoryTotal();
    const used = group?.memUsed ?? total - process.availableMemory();
    return {
      cpu: round(Math.min(100, this.#cpu * 100), 2),
      mem: round((used / total) * 100, 2),
      mem_used_mb: Math.round(used / MB),
      mem_total_mb: Math.round(total / MB),
    };
  }

  #systemShare(): number {
    const before = this.#times;
    const times = cpuTimes();
    const all = times.all - before.all;
    // The system counts in ticks of 10 ms: over a few of them any share is a guess.
    if (all < LEAST_TICKS_MS) return Number.NaN;
    this.#times = times;
    return 1 - (times.idle - before.idle) / all;
  }

  #groupShare(usec: number, allowed = 1): number | undefined {
    const before = this.#group;
    const at = performance.now();
    if (before !== undefined && at - before.at < LEAST_TICKS_MS) return this.#cpu;
    this.#group = { usec, at };
    if (before === undefined) return undefined;
    return (usec - before.usec) / 1000 / (at - before.at) / allowed;
  }

  #takeLoop(): Pick<PerfMetrics, 'loop_delay_ms' | 'loop_utilization'> {
    const before = this.#loop;
    this.#loop = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(this.#loop, before);
    // The monitor counts its own interval too, and has nothing to say before its second tick.
    const delay = this.#delay.count > 0 ? this.#delay.percentile(99) / 1e6 - RESOLUTION_MS : 0;
    this.#delay.reset();
    return { loop_delay_ms: round(Math.max(0, delay), 2), loop_utilization: round(utilization, 3) };
  }

  async #disk(): Promise<Partial<PerfMetrics>> {
    try {
      const { blocks, bavail, bsize } = await statfs(this.#folder);
      const used = (blocks - bavail) * bsize;
      const gb = { disk_used_gb: round(used / GB, 2), disk_total_gb: round((blocks * bsize) / GB, 2) };
      return { disk: round((used / (blocks * bsize)) * 100, 2) || 0, ...gb };
    } catch {
      return {};
    }
  }

  async #takeGpus(): Promise<void> {
    const now = performance.now();
    if (this.#askGpus === undefined || now - this.#asked < GPU_EVERY_MS) return;
    this.#asked = now;
    this.#gpus = await this.#askGpus();
  }
}

/** libuv knows the limits of version 1 too. */
function memoryTotal(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

function cpuTimes(): { idle: number; all: number } {
  let idle = 0;
  let all = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, all };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
