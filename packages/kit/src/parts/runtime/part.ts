import { VERSION_INFO } from '@plimsoll/wire';
import type { Kit, Part } from '../../kernel/part.ts';
import { declare } from '../../signals/metrics/declare.ts';
import { watchActive } from './active.ts';
import { watchEventLoop } from './event-loop.ts';
import { watchGarbage } from './garbage.ts';
import { watchHeap } from './heap.ts';
import { watchProcess } from './process.ts';

/** One source of runtime metrics: read when somebody reads, ticked once a second, stopped at the end. */
export interface Source {
  tick?(count: number): void;
  stop?(): void;
}

const TICK_MS = 1000;

/** What existing dashboards for Node ask for, under the names that they know. */
export const runtime: Part = { name: 'runtime', setup };

function setup(kit: Kit) {
  const { metrics } = kit;
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
  declare(metrics, VERSION_INFO).set({ version: process.version, major, minor, patch }, 1);
  const sources: Source[] = [
    watchProcess(kit),
    watchEventLoop(metrics),
    watchHeap(metrics),
    watchGarbage(metrics),
    watchActive(metrics),
  ];
  let count = 0;
  const timer = setInterval(() => {
    count++;
    for (const source of sources) source.tick?.(count);
  }, TICK_MS).unref();
  return () => {
    clearInterval(timer);
    for (const source of sources.splice(0)) source.stop?.();
  };
}
