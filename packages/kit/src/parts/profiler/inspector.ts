import { Session } from 'node:inspector/promises';
import { basename, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CpuProfile, CpuProfileNode, ProfileCost } from '@plimsoll/wire';
import { PlimsollError } from '../../base/errors.ts';
import type { CpuProfileOptions, HeapProfile, HeapProfileOptions } from './gate.ts';

/**
 * To begin one, V8 tells its profiler of every function that there is, for 100 ms and more of a service with a
 * framework; a stack costs some 30 µs. Long and coarse enough for both to stay below a twentieth of a core.
 */
const SECONDS = 10;
const INTERVAL_US = 2000;
const HEAP_SECONDS = 5;
const INTERVAL_BYTES = 65_536;

/** Profiles of this very thread, through the inspector's protocol: no port is opened. One at a time. */
export class Profiles {
  readonly #maxSeconds: number;
  readonly #base: string;
  #until: number | undefined;
  readonly #stop = new AbortController();

  /** Files below `base` are named relative to it; of others, only what is not this machine's. */
  constructor(maxSeconds: number, base: string) {
    this.#maxSeconds = maxSeconds;
    this.#base = base;
  }

  /** Milliseconds until a running profile ends; undefined while there is none. */
  get busyMs(): number | undefined {
    return this.#until && Math.max(0, this.#until - performance.now());
  }

  cpu({ seconds = SECONDS, intervalUs = INTERVAL_US }: CpuProfileOptions = {}): Promise<CpuProfile> {
    return this.#take(seconds, async (session, lasts) => {
      const [start_ms] = await timed(async () => {
        await session.post('Profiler.enable');
        await session.post('Profiler.setSamplingInterval', { interval: intervalUs });
        await session.post('Profiler.start');
      });
      await lasts();
      const [stop_ms, { profile }] = await timed(() => session.post('Profiler.stop'));
      const nodes = profile.nodes.map(node => this.#place(node as CpuProfileNode));
      const cost = { seconds, samples: profile.samples?.length ?? 0, start_ms, stop_ms };
      return { ...profile, nodes, plimsoll: { cost } };
    });
  }

  heap({
    seconds = HEAP_SECONDS,
    intervalBytes = INTERVAL_BYTES,
  }: HeapProfileOptions = {}): Promise<HeapProfile> {
    return this.#take(seconds, async (session, lasts) => {
      const [start_ms] = await timed(() =>
        session.post('HeapProfiler.startSampling', {
          ...{ samplingInterval: intervalBytes },
          // What was allocated and freed again is what makes garbage.
          ...{ includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true },
        } as never),
      );
      await lasts();
      const [stop_ms, stopped] = await timed(() => session.post('HeapProfiler.stopSampling'));
      // The types of Node have no samples.
      const profile = stopped.profile as typeof stopped.profile & Pick<HeapProfile, 'samples'>;
      const cost: ProfileCost = { seconds, samples: profile.samples.length, start_ms, stop_ms };
      return { ...profile, head: this.#placeAll(profile.head), plimsoll: { cost } };
    });
  }

  /** What runs ends early, with what it has. */
  close(): void {
    this.#stop.abort();
  }

  async #take<T>(
    seconds: number,
    take: (session: Session, lasts: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    if (this.#until !== undefined) throw new PlimsollError('PLIMSOLL_PROFILE_RUNNING');
    if (!(seconds > 0 && seconds <= this.#maxSeconds)) {
      throw new PlimsollError('PLIMSOLL_BUDGET_INPUT', `seconds is not from 0 to ${this.#maxSeconds}`);
    }
    this.#until = performance.now() + seconds * 1000;
    const session = new Session();
    try {
      session.connect();
      const { signal } = this.#stop;
      return await take(session, () => wait(seconds * 1000, undefined, { signal }).catch(() => {}));
    } finally {
      session.disconnect();
      this.#until = undefined;
    }
  }

  #place<N extends { readonly callFrame: CpuProfileNode['callFrame'] }>(node: N): N {
    const url = placeOf(node.callFrame.url, this.#base);
    return url === node.callFrame.url ? node : { ...node, callFrame: { ...node.callFrame, url } };
  }

  #placeAll<N extends { readonly callFrame: CpuProfileNode['callFrame']; readonly children: N[] }>(
    node: N,
  ): N {
    return { ...this.#place(node), children: node.children.map(child => this.#placeAll(child)) };
  }
}

/** A path names its owner's home; below the app it is the app's own, and a package's is that package's. */
export function placeOf(url: string, base: string): string {
  if (url === '' || url.startsWith('node:')) return url;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const packaged = path.lastIndexOf(`${sep}node_modules${sep}`);
  if (packaged >= 0) return path.slice(packaged + 1).replaceAll(sep, '/');
  const inside = base !== '' && path.startsWith(base.endsWith(sep) ? base : base + sep);
  return inside ? pathToFileURL(path).href.slice(pathToFileURL(base).href.length + 1) : basename(path);
}

async function timed<T>(fn: () => Promise<T>): Promise<[ms: number, result: T]> {
  const began = performance.now();
  const result = await fn();
  return [Math.round((performance.now() - began) * 100) / 100, result];
}
