import type { Metrics } from './types.ts';

const nothing = (): void => {};
const noSeconds = (): number => 0;
const HANDLE = Object.freeze({ inc: nothing, set: nothing, dec: nothing, observe: nothing });
const noHandle = () => HANDLE;
const noTimer = () => noSeconds;

/** Only the name differs: what is called is the same empty function for every metric. */
const instrument = (name: string) =>
  Object.freeze({ name, ...HANDLE, handle: noHandle, startTimer: noTimer, remove: nothing });

const NO_FAMILIES = Object.freeze([]);

/** Metrics that are off: they check nothing, keep nothing, and show nothing. */
export const noopMetrics: Metrics = Object.freeze({
  counter: instrument,
  gauge: instrument,
  histogram: instrument,
  summary: instrument,
  onCollect: () => nothing,
  snapshot: () => NO_FAMILIES,
  expose: async format => new TextEncoder().encode(format === 'openmetrics' ? '# EOF\n' : ''),
} satisfies Metrics);
