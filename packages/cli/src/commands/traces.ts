import type { Page, TraceAnswer, TraceSummary } from '@plimsoll/wire';
import { type Command, Option } from 'commander';
import { duration, time } from '../output/format.ts';
import type { Output } from '../output/output.ts';
import { table } from '../output/table.ts';
import { traceTree } from '../output/trace-tree.ts';
import { ask, type Code, listing, whole } from '../query/ask.ts';
import {
  type AskFlags,
  askFlags,
  milliseconds,
  openRange,
  type PageFlags,
  pageFlags,
  pair,
  type RangeFlags,
  rangeFlags,
} from '../query/flags.ts';

interface TraceFlags extends AskFlags, RangeFlags, PageFlags {
  readonly service?: string;
  readonly name?: string;
  readonly route?: string;
  readonly status?: string;
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly attribute?: string;
  readonly order?: string;
}

/** `plimsoll traces` and `plimsoll traces ID`. */
export function tracesCommand(program: Command, output: Output, done: (code: Code) => void): void {
  const command = program
    .command('traces')
    .description('the traces that a console has, or one of them with its spans and log lines')
    .argument('[id]', 'a trace id, 32 hex digits')
    .option('--service <name>', 'in which this service took part')
    .option('--name <name>', 'of this name')
    .option('--route <route>', 'of this route, such as /chat/messages')
    .addOption(new Option('--status <status>', 'with an error in it or without').choices(['ok', 'error']))
    .option('--min-ms <ms>', 'that took this long or longer', milliseconds)
    .option('--max-ms <ms>', 'that took this long or less', milliseconds)
    .option('--attribute <key=value>', 'with a span that has this attribute', pair)
    .addOption(new Option('--order <order>', 'which come first').choices(['newest', 'slowest']));
  pageFlags(rangeFlags(askFlags(command))).action(async (id: string | undefined, flags: TraceFlags) =>
    done(await (id === undefined ? list(flags, output) : show(id, flags, output))),
  );
}

function list(flags: TraceFlags, output: Output): Promise<Code> {
  const { console: _console, json: _json, since: _since, ...filters } = flags;
  return ask<Page<TraceSummary>>({
    flags,
    output,
    ask: async client => {
      const answer = await whole<TraceSummary>(client, 'traces', { ...filters, ...openRange(flags) });
      return { answer, text: () => listing(rows(answer), { next: answer.next, empty: 'No trace.' }) };
    },
  });
}

function show(id: string, flags: TraceFlags, output: Output): Promise<Code> {
  return ask<TraceAnswer>({
    flags,
    output,
    ask: async client => {
      const answer = await client.get<TraceAnswer>(`traces/${encodeURIComponent(id)}`);
      return { answer, text: () => traceTree(answer) };
    },
  });
}

function rows({ items }: Page<TraceSummary>): string {
  if (items.length === 0) return '';
  const head = ['START', 'TRACE', 'TOOK', 'STATUS', 'SPANS', 'ERRORS', 'SERVICE', 'NAME'];
  const all = items.map(trace => [
    time(trace.start),
    trace.traceId,
    duration(trace.durationMs),
    trace.httpStatus === undefined ? '-' : String(trace.httpStatus),
    String(trace.spans),
    String(trace.errors),
    trace.services.length > 1 ? `${trace.service} +${trace.services.length - 1}` : trace.service,
    trace.route && !trace.name.includes(trace.route) ? `${trace.name} ${trace.route}` : trace.name,
  ]);
  return table([head, ...all]);
}
