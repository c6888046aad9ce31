import { type LogRow, type Page, SEVERITY } from '@plimsoll/wire';
import { type Command, Option } from 'commander';
import { logLine } from '../output/log-lines.ts';
import type { Output } from '../output/output.ts';
import { ask, type Code, failing, listing, whole } from '../query/ask.ts';
import type { Params } from '../query/client.ts';
import {
  type AskFlags,
  askFlags,
  openRange,
  type PageFlags,
  pageFlags,
  pairs,
  type RangeFlags,
  rangeFlags,
} from '../query/flags.ts';
import { follow } from '../query/follow.ts';

interface LogFlags extends AskFlags, RangeFlags, PageFlags {
  readonly service?: string;
  readonly level?: keyof typeof SEVERITY;
  readonly text?: string;
  readonly logger?: string;
  readonly trace?: string;
  readonly request?: string;
  readonly correlation?: string;
  readonly attribute?: readonly string[];
  readonly order?: string;
  readonly follow?: boolean;
}

/** `plimsoll logs`, and with `--follow` the lines as they come. */
export function logsCommand(program: Command, output: Output, done: (code: Code) => void): void {
  const command = program
    .command('logs')
    .description('the log lines that a console has')
    .option('--service <name>', 'of this service')
    .addOption(new Option('--level <level>', 'this grave or graver').choices(Object.keys(SEVERITY)))
    .option('--text <words>', 'with these words in the line or in a field')
    .option('--logger <name>', 'of this logger')
    .option('--trace <id>', 'of this trace')
    .option('--request <id>', 'of this request')
    .option('--correlation <id>', 'of this correlation id')
    .option('--attribute <key=value>', 'with this field; may stand more than once', pairs)
    .addOption(new Option('--order <order>', 'which come first').choices(['newest', 'oldest']))
    .addOption(
      new Option('--follow', 'as they come, until a signal; with --json one object a line').conflicts([
        'since',
        'from',
        'to',
        'limit',
        'cursor',
        'order',
      ]),
    );
  pageFlags(rangeFlags(askFlags(command))).action(async (flags: LogFlags) =>
    done(await (flags.follow ? tail(flags, output) : list(flags, output))),
  );
}

function list(flags: LogFlags, output: Output): Promise<Code> {
  const { limit, cursor, order } = flags;
  return ask<Page<LogRow>>({
    flags,
    output,
    ask: async client => {
      const params = { ...filters(flags), limit, cursor, order, ...openRange(flags) };
      const answer = await whole<LogRow>(client, 'logs', params);
      const text = () =>
        listing(answer.items.map(logLine).join('\n'), { next: answer.next, empty: 'No log line.' });
      return { answer, text };
    },
  });
}

function tail(flags: LogFlags, output: Output): Promise<Code> {
  const line = flags.json ? (row: LogRow) => JSON.stringify(row) : logLine;
  return failing(output, () =>
    follow(filters(flags), {
      console: flags.console,
      row: row => output.out(`${line(row)}\n`),
      note: text => output.error(`${text}\n`),
    }),
  );
}

const filters = ({
  service,
  level,
  text,
  logger,
  trace,
  request,
  correlation,
  attribute,
}: LogFlags): Params => ({
  service,
  minSeverity: level && SEVERITY[level],
  text,
  logger,
  traceId: trace,
  requestId: request,
  correlationId: correlation,
  attribute,
});
