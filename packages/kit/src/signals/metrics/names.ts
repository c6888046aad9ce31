import { PlimsollError } from '../../base/errors.ts';

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** A metric as declared, checked and with its final name. */
export interface Definition {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string | undefined;
  readonly labels: readonly string[];
  readonly bounds: readonly number[];
}

/** Seconds, for a histogram that names no bounds of its own: those of Prometheus's own clients. */
export const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The suffixes under which a family's samples appear, in either text format. */
const SUFFIXES: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['', '_total', '_created'],
  gauge: [''],
  histogram: ['', '_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
};

/** @throws PLIMSOLL_BAD_METRIC */
export function checkDefinition(definition: Definition): Definition {
  const { name, labels, bounds, type } = definition;
  if (!METRIC_NAME.test(name)) throw bad(`the name ${JSON.stringify(name)}`);
  for (const label of labels) {
    const reserved = (label === 'le' && type === 'histogram') || (label === 'quantile' && type === 'summary');
    if (!LABEL_NAME.test(label) || label.startsWith('__') || reserved) {
      throw bad(`the label ${JSON.stringify(label)} of ${name}`);
    }
  }
  if (new Set(labels).size !== labels.length) throw bad(`a label of ${name} stands twice`);
  const rising = bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > bounds[i - 1]!));
  if (!rising || (type === 'histogram' && bounds.length === 0)) throw bad(`the buckets of ${name}`);
  return definition;
}

/** @throws PLIMSOLL_BAD_METRIC */
export function checkNamespace(namespace: string): string {
  if (namespace !== '' && !METRIC_NAME.test(namespace))
    throw bad(`the namespace ${JSON.stringify(namespace)}`);
  return namespace;
}

/** Where a counter's name lacks its `_total`, it gets one: OpenMetrics has no counter without. */
export function fullName(type: MetricType, name: string, namespace: string): string {
  const whole = namespace === '' ? name : `${namespace}_${name}`;
  return type === 'counter' && !whole.endsWith('_total') ? `${whole}_total` : whole;
}

/** OpenMetrics names a counter's family without the suffix that its sample has. */
export function familyName(type: MetricType, name: string): string {
  return type === 'counter' ? name.slice(0, -'_total'.length) : name;
}

/** Every name that a metric takes; two metrics that share one can't be told apart in a scrape. */
export function claimedNames(definition: Definition): string[] {
  const family = familyName(definition.type, definition.name);
  return SUFFIXES[definition.type].map(suffix => family + suffix);
}

export function sameShape(a: Definition, b: Definition): boolean {
  return shape(a) === shape(b);
}

/** Whether `b` is `a` with more labels. */
export function widens(a: Definition, b: Definition): boolean {
  return a.labels.every(label => b.labels.includes(label)) && sameShape({ ...a, labels: b.labels }, b);
}

function shape({ type, help, unit, labels, bounds }: Definition): string {
  return JSON.stringify([type, help, unit ?? null, labels.toSorted(), bounds]);
}

function bad(detail: string): PlimsollError {
  return new PlimsollError('PLIMSOLL_BAD_METRIC', detail);
}
