import type { MetricAnswer, MetricInfo } from '@plimsoll/wire';
import type { Command } from 'commander';
import { metricList, metricView } from '../output/metric-table.ts';
import type { Output } from '../output/output.ts';
import { ask, type Code } from '../query/ask.ts';
import {
  type AskFlags,
  askFlags,
  closedRange,
  pairs,
  type RangeFlags,
  rangeFlags,
  stretch,
  words,
} from '../query/flags.ts';

interface MetricFlags extends AskFlags, RangeFlags {
  readonly service?: string;
  readonly by?: readonly string[];
  readonly filter?: readonly string[];
  readonly step?: number;
}

const QUARTER = 900_000;
/** As many columns as a terminal shows beside the labels. */
const STEPS = 60;

/** `plimsoll metrics` lists, `plimsoll metrics NAME` shows one over time. */
export function metricsCommand(program: Command, output: Output, done: (code: Code) => void): void {
  const command = program
    .command('metrics')
    .description('the metrics that a console has, or one of them over time')
    .argument('[name]', 'a metric, such as http_requests_total')
    .option('--service <name>', 'of this service')
    .option('--by <labels>', 'a series for each value of these labels, comma separated', words)
    .option('--filter <label=value>', 'only where the label has this value; may stand more than once', pairs)
    .option('--step <time>', 'how far apart: 10s, 1m (default a sixtieth of the time)', stretch);
  rangeFlags(askFlags(command), '15m').action(async (name: string | undefined, flags: MetricFlags) =>
    done(await (name === undefined ? list(flags, output) : show(name, flags, output))),
  );
}

function list(flags: MetricFlags, output: Output): Promise<Code> {
  const { service } = flags;
  return ask<readonly MetricInfo[]>({
    flags,
    output,
    ask: async client => {
      const all = await client.get<readonly MetricInfo[]>('metrics', closedRange(flags, QUARTER));
      const answer = service === undefined ? all : all.filter(({ services }) => services.includes(service));
      return { answer, text: () => metricList(answer) };
    },
  });
}

function show(name: string, flags: MetricFlags, output: Output): Promise<Code> {
  const { service, by, filter } = flags;
  const range = closedRange(flags, QUARTER);
  const step = flags.step ?? Math.max(1000, Math.ceil((range.to - range.from) / STEPS));
  return ask<MetricAnswer>({
    flags,
    output,
    ask: async client => {
      const params = { name, service, by, filter, step, ...range };
      const answer = await client.get<MetricAnswer>('metrics/query', params);
      return { answer, text: () => metricView(answer) };
    },
  });
}
