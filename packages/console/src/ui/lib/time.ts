import { computed, signal } from '@preact/signals';
import { params, setParams } from './address.ts';

export const RANGES = [
  { id: '5m', label: 'Last 5 min', ms: 300_000 },
  { id: '15m', label: 'Last 15 min', ms: 900_000 },
  { id: '1h', label: 'Last hour', ms: 3_600_000 },
  { id: '6h', label: 'Last 6 hours', ms: 21_600_000 },
  { id: '24h', label: 'Last day', ms: 86_400_000 },
  { id: '7d', label: 'Last 7 days', ms: 604_800_000 },
] as const;
const DEFAULT = RANGES[1];

/** Steps that read well on an axis, and are not finer than a service reports. */
const STEPS = [
  1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 21_600_000,
];
const POINTS = 120;

/** Moves on while the page is seen and not paused. */
const clock = signal(Date.now());
export const paused = signal(false);

export function startClock(): void {
  const tick = () => {
    if (!document.hidden && !paused.value) clock.value = Date.now();
  };
  setInterval(tick, 1000);
  document.addEventListener('visibilitychange', tick);
}

/** For ages: seconds since, moving with the page. */
export const now = computed(() => clock.value);

export const relative = computed(() => {
  if (params.value.get('from') && params.value.get('to')) return undefined;
  return RANGES.find(range => range.id === params.value.get('range')) ?? DEFAULT;
});

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** The range that is shown; a relative one moves on step by step, at least every two seconds. */
export const range = computed((): Range => {
  const last = relative.value;
  if (last === undefined) {
    const from = Number(params.value.get('from')) || 0;
    const to = Number(params.value.get('to')) || 0;
    if (to > from) return { from, to, step: stepFor(to - from) };
  }
  const ms = last?.ms ?? DEFAULT.ms;
  const step = stepFor(ms);
  const every = Math.min(Math.max(step, 2000), 30_000);
  // The newest step is the one that is being filled; its end lies ahead so that nothing fresh is left out.
  const to = Math.ceil(Math.floor(clock.value / every) * every + every);
  const end = Math.ceil(to / step) * step;
  return { from: end - ms, to: end, step };
});

/** Every live refresh has another key; what is about the same question has the same one. */
export const rangeKey = computed(
  () => relative.value?.id ?? `${params.value.get('from')}-${params.value.get('to')}`,
);

export function stepFor(ms: number): number {
  return STEPS.find(step => ms / step <= POINTS + 60) ?? STEPS.at(-1) ?? 3_600_000;
}

export function zoom(from: number, to: number): void {
  const least = Math.max(to - from, 2000);
  setParams(
    { range: undefined, from: String(Math.floor(from)), to: String(Math.ceil(from + least)) },
    { push: true },
  );
}

export function setRange(id: string): void {
  setParams({ range: id === DEFAULT.id ? undefined : id, from: undefined, to: undefined }, { push: true });
}
