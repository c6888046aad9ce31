/** The targets, one row each, and where their figures come from. */
import {
  allocation,
  call,
  cost,
  dearestOff,
  difference,
  type Findings,
  over,
  scraped,
  slowerCall,
  slowerScrape,
  slowerStart,
  started,
  sum,
} from './findings.ts';
import { BARE_CPU, PEER_NS } from './reference.ts';

export const SUITES = ['http', 'calls', 'scrape', 'startup', 'export', 'ingest'] as const;
export type Suite = (typeof SUITES)[number];

/** A row of results.json. */
export interface Result {
  id: string;
  must: number;
  aim: number;
  /** On this machine; null where it could not be measured. */
  measured: number | null;
  /** How many times longer fixed foreign code took here than where the target was set; absent for what is a ratio. */
  slower?: number;
  /** `measured` without that: what `met` is judged by. */
  at_reference?: number;
  met: 'aim' | 'must' | false;
  command: string;
}

export interface Target {
  id: string;
  title: string;
  suite: Suite;
  must: number;
  aim: number;
  /** Whether a larger figure is the better one. */
  better: 'more' | 'less';
  digits: number;
  read(findings: Findings): number | undefined;
  slower?(findings: Findings): number | undefined;
}

const less = { better: 'less', digits: 1 } as const;
const more = { better: 'more', digits: 2 } as const;
const ns = { suite: 'calls', ...less } as const;

export const TARGETS: readonly Target[] = [
  ...(['fastify', 'express'] as const).map(
    (framework): Target => ({
      ...{ id: `${framework}_all_on_vs_bare`, title: `all signals on, ${framework}, × bare` },
      ...{ suite: 'http', must: 0.65, aim: 0.75, ...more },
      read: found => cost(found, framework, 'on')?.ratio,
    }),
  ),
  ...(['fastify', 'hono', 'node'] as const).map(
    (framework): Target => ({
      id: `${framework === 'node' ? 'node_http' : framework}_extra_cpu_us`,
      title: `all signals on, ${framework === 'node' ? 'node:http' : framework}, extra CPU a request, µs`,
      ...{ suite: 'http', must: 6, aim: 4, ...less },
      read: found => cost(found, framework, 'on')?.extra,
      slower: found => over(cost(found, framework, 'on')?.bare, BARE_CPU[framework]),
    }),
  ),
  {
    ...{ id: 'all_on_vs_documented_stack', title: 'all signals on, × the documented stack, Fastify' },
    ...{ suite: 'http', must: 5, aim: 7, ...more, digits: 1 },
    read: found => cost(found, 'fastify', 'on')?.overDocumented,
  },
  {
    ...{ id: 'express_all_on_vs_documented_stack', title: 'all signals on, × the documented stack, Express' },
    ...{ suite: 'http', must: 5, aim: 7, ...more, digits: 1 },
    read: found => cost(found, 'express', 'on')?.overDocumented,
  },
  {
    ...{ id: 'extra_allocation_kb', title: 'extra allocation a request, Fastify, KB' },
    ...{ suite: 'http', must: 4, aim: 2, ...less },
    read: found => difference(allocation(found, 'on'), allocation(found, 'bare')),
  },
  {
    ...{ id: 'p99_at_4000_vs_bare', title: 'p99 at 4,000 requests a second, Fastify, × bare' },
    ...{ suite: 'http', must: 1.6, aim: 1.25, ...less, digits: 2 },
    read: found => cost(found, 'fastify', 'on')?.latency?.ratio,
  },
  {
    ...{ id: 'counter_3_labels_ns', title: 'counter, 3 labels, ns', ...ns, must: 40, aim: 20 },
    read: found => call(found, 'counter_3_labels')?.ns,
    slower: found => slowerCall(found, 'counter_3_labels'),
  },
  {
    ...{ id: 'histogram_3_labels_ns', title: 'histogram, 3 labels, ns', ...ns, must: 50, aim: 25 },
    read: found => call(found, 'histogram_3_labels')?.ns,
    slower: found => slowerCall(found, 'histogram_3_labels'),
  },
  {
    ...{
      id: 'span_6_attributes_encoded_ns',
      title: 'span, 6 attributes, encoded, ns',
      ...ns,
      must: 500,
      aim: 300,
    },
    read: found => call(found, 'span_6_attributes_encoded')?.ns,
    slower: found => slowerCall(found, 'span_6_attributes_encoded'),
  },
  {
    ...{
      id: 'log_6_fields_redacted_ns',
      title: 'log line, 6 fields, redacted, ns',
      ...ns,
      must: 700,
      aim: 500,
    },
    read: found => call(found, 'log_6_fields')?.ns,
    slower: found => slowerCall(found, 'log_6_fields'),
  },
  {
    ...{ id: 'redact_35_keys_hash_6_ns', title: 'redact 35 keys, hash 6, ns', ...ns, must: 3500, aim: 2600 },
    read: found => call(found, 'redact_35_keys_hash_6')?.ns,
    slower: found => slowerCall(found, 'redact_35_keys_hash_6'),
  },
  {
    ...{
      id: 'scrape_10k_ms',
      title: '`/metrics`, 10k series, ms',
      suite: 'scrape',
      must: 2,
      aim: 0.9,
      ...less,
      digits: 2,
    },
    read: found => scraped(found, 10_000, 'ms'),
    slower: found => slowerScrape(found, 10_000),
  },
  {
    ...{
      id: 'scrape_100k_ms',
      title: '`/metrics`, 100k series, ms',
      suite: 'scrape',
      must: 25,
      aim: 10,
      ...less,
    },
    read: found => scraped(found, 100_000, 'ms'),
    slower: found => slowerScrape(found, 100_000),
  },
  {
    ...{ id: 'scrape_100k_longest_block_ms', title: 'longest block by a scrape of 100k series, ms' },
    ...{ suite: 'scrape', must: 10, aim: 5, ...less },
    read: found => scraped(found, 100_000, 'block'),
    slower: found => slowerScrape(found, 100_000),
  },
  {
    ...{ id: 'off_call_ns', title: 'any call of anything off, the dearest, ns', ...ns, must: 5, aim: 3 },
    read: found => dearestOff(found, row => row.ns),
    slower: found => over(call(found, 'otel_api_off_span')?.ns, PEER_NS.otel_api_off_span),
  },
  {
    ...{
      id: 'off_call_bytes',
      title: 'any call of anything off, the dearest, bytes',
      ...ns,
      must: 0,
      aim: 0,
      digits: 0,
    },
    read: found => dearestOff(found, row => row.bytes),
  },
  {
    ...{ id: 'disabled_hooks_registered', title: '`OBS_ENABLED=false`: hooks left on the app' },
    ...{ suite: 'http', must: 0, aim: 0, ...less, digits: 0 },
    read: found => found.http && sum(found.http.map(group => group.hooks?.length ?? 0)),
  },
  ...(['fastify', 'express'] as const).map(
    (framework): Target => ({
      id: `disabled_${framework}_vs_bare`,
      title: `\`OBS_ENABLED=false\`, ${framework}, × bare, top of the interval`,
      ...{ suite: 'http', must: 0.98, aim: 1, ...more },
      read: found => cost(found, framework, 'off')?.interval[1],
    }),
  ),
  {
    ...{
      id: 'startup_on_ms',
      title: 'start-up, everything on, ms',
      suite: 'startup',
      must: 40,
      aim: 20,
      ...less,
    },
    read: found => started(found, 'on'),
    slower: slowerStart,
  },
  {
    ...{ id: 'startup_off_ms', title: 'start-up, off, ms', suite: 'startup', must: 10, aim: 5, ...less },
    read: found => started(found, 'off'),
    slower: slowerStart,
  },
  {
    ...{ id: 'ingest_spans_per_second', title: 'receive and store, spans/s over HTTP' },
    ...{ suite: 'ingest', must: 120_000, aim: 170_000, ...more, digits: 0 },
    read: found => found.ingest?.spansPerSecond,
    slower: found => over(found.ingest?.bare, BARE_CPU.fastify),
  },
];

/** Rows of the targets whose subject is not there yet. */
export const NOT_BUILT = ['1 GB of logs to per-stage percentiles'];

/** The rows of the suites that ran. */
export function judge(findings: Findings, flags: string): Result[] {
  return TARGETS.filter(({ suite }) => findings[suite] !== undefined).map(target => {
    const { id, must, aim, suite } = target;
    const measured = round(target.read(findings));
    const slower = round(target.slower?.(findings));
    const judged = slower === null ? measured : round(atReference(target, measured, slower));
    const command = `npm run bench -- ${suite}${flags}`;
    const reference = slower === null || judged === null ? {} : { slower, at_reference: judged };
    return { id, must, aim, measured, ...reference, met: met(target, judged), command };
  });
}

function round(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : Number(value.toPrecision(4));
}

function atReference({ better }: Target, measured: number | null, slower: number): number | undefined {
  if (measured === null) return undefined;
  return better === 'more' ? measured * slower : measured / slower;
}

function met({ must, aim, better }: Target, measured: number | null): Result['met'] {
  if (measured === null) return false;
  const reaches = (bound: number): boolean => (better === 'more' ? measured >= bound : measured <= bound);
  if (reaches(aim)) return 'aim';
  return reaches(must) ? 'must' : false;
}
