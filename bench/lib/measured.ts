/** The server's side of a measurement: its own accounting, asked for over IPC. */
import { PerformanceObserver } from 'node:perf_hooks';

export interface Reading {
  /** User and system time of the process, µs. */
  cpu: number;
  /** Milliseconds on this process's monotonic clock, to compare processor time with. */
  at: number;
  /** Resident memory, bytes. */
  rss: number;
  /** Used heap, bytes. */
  heap: number;
  /** Garbage collections so far. */
  collections: number;
}
export interface Started {
  url: string;
  /** What `init` left on an app that it was told to leave alone, by kind; empty when it kept its word. */
  hooks: readonly string[];
}

export function serve(started: Started): void {
  let collections = 0;
  const observer = new PerformanceObserver(list => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  process.on('message', (message: { ask: 'read' | 'collect' | 'stop' }) => {
    if (message.ask === 'stop') process.exit(0);
    if (message.ask === 'collect') globalThis.gc?.();
    // The observer is told of collections in a later turn.
    setTimeout(() => {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      process.send?.({
        cpu: user + system,
        at: performance.now(),
        rss,
        heap: heapUsed,
        collections,
      } satisfies Reading);
    }, 5);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(started);
}
