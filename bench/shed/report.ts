import { median, spread } from '../lib/stats.ts';
import { type Alone, type Measured, OVER, PATH, type Profiled, UNLOADED } from './services.ts';

export interface Found {
  readonly crowd: readonly { readonly peak: Measured; readonly over: Measured }[];
  readonly refusal: readonly { readonly serve: Measured; readonly refuse: Measured }[];
  readonly alone: readonly Alone[];
  readonly profile: readonly Profiled[];
}

const rate = ({ served, seconds }: Measured): number => served / seconds;

function row(name: string, values: readonly number[], must = '', digits = 2): string {
  const [least, most] = spread(values).map(value => value.toFixed(digits));
  return `| ${name} | ${median(values).toFixed(digits)} | ${least} to ${most} (${values.length}) | ${must} |`;
}

export function report(found: Found): string {
  return `# Shedding, and the cost of a profile

divan (\`GET ${PATH}\`, 300 people, SQLite; lines to a file, a span of each request over
OTLP, metrics, redaction, hooks) on one core, the load on another. Latencies count from the moment a request fell due.

${together(found)}
${apart(found.alone)}`;
}

function together({ crowd, refusal, profile }: Found): string {
  const us = (pick: (round: Found['refusal'][number]) => number): string =>
    median(refusal.map(pick)).toFixed(0);
  const still = (key: 'startMs' | 'stopMs'): string => median(profile.map(round => round[key])).toFixed(0);
  const rows = [
    row(
      `with a guard, asked for ${OVER} times what the other gets done: served in a CPU second ÷ the other's`,
      crowd.map(({ peak, over }) => over.perCpu / peak.perCpu),
      '≥ 0.90',
    ),
    row(
      'the same: served in a second ÷ by the other',
      crowd.map(({ peak, over }) => rate(over) / rate(peak)),
    ),
    row(
      'the same: requests refused for each that was served',
      crowd.map(({ over }) => over.refused / over.served),
    ),
    row(
      'processor time of a refusal ÷ of a request that is served, each in a closed loop',
      ...([refusal.map(({ serve, refuse }) => refuse.us / serve.us), '≤ 0.048', 3] as const),
    ),
    row(
      'processor time that a CPU profile of 10 s takes, its start and its end included, of 10 s of a core',
      ...([profile.map(({ whole }) => whole), '≤ 0.05', 3] as const),
    ),
    row(
      'the same between its start and its end',
      ...([profile.map(({ between }) => between), '', 3] as const),
    ),
  ];
  return `\`node bench/shed.bench.ts crowd refusal profile\`: two services share the core at the same time, and each one's
processor time is its own account, so that a machine whose pace changes by the second changes it for both.

${HEAD}
${rows.join('\n')}

A request costs ${us(({ serve }) => serve.us)} µs, a refusal ${us(({ refuse }) => refuse.us)}. With refusals at 0.048 of a request, two of three leave 0.90 of the
processor to the third. The event loop stands still for ${still('startMs')} ms to begin a profile, and for ${still('stopMs')} ms to end it, with
half a core.
`;
}

function apart(alone: readonly Alone[]): string {
  const of = (pick: (round: Alone) => number, digits = 1): string => median(alone.map(pick)).toFixed(digits);
  const rows = [
    row(
      'with a guard: p99 of what was served ÷ unloaded p99',
      alone.map(({ shed, unloaded }) => shed.p99 / unloaded.p99),
      '≤ 2',
    ),
    row(
      'with a guard: served in a second ÷ at the peak a moment before',
      alone.map(({ shed, peak }) => rate(shed) / rate(peak)),
    ),
    row(
      'with a guard: share of the time that the event loop slept',
      alone.map(({ shed }) => shed.idle),
    ),
    row(
      'without one: served in time ÷ asked for',
      alone.map(({ plain }) => plain.served / (plain.served + plain.unanswered)),
    ),
  ];
  return `\`node bench/shed.bench.ts alone\`: the service has the core for itself. The crowd is an open loop at ${OVER} times what a closed
loop of 50 connections gets out of the same service a moment before; unloaded is ${UNLOADED} of it.

${HEAD}
${rows.join('\n')}

Peak ${of(r => rate(r.peak), 0)} requests/s; unloaded p50 ${of(r => r.unloaded.p50)} and p99 ${of(r => r.unloaded.p99)} ms; with a guard p50 ${of(r => r.shed.p50)} and p99 ${of(r => r.shed.p99)} ms, a refusal within
${of(r => r.shed.refusedP99)} ms (p99). Without one p50 is ${of(r => r.plain.p50, 0)} ms after 1.5 s and grows for as long as the load lasts.
`;
}

const HEAD = '| | median | rounds | must |\n|---|---|---|---|';
