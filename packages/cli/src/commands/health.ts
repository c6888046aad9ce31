import type { HealthCheck, Overview, ServiceHealth } from '@plimsoll/wire';
import type { Command } from 'commander';
import { age, duration, orDash } from '../output/format.ts';
import type { Output } from '../output/output.ts';
import { table } from '../output/table.ts';
import { ask, type Code } from '../query/ask.ts';
import { type AskFlags, askFlags } from '../query/flags.ts';

interface HealthFlags extends AskFlags {
  readonly service?: string;
}

/** Health has no range; it travels with the overview, whose series are cut to the shortest. */
const MINUTE = 60_000;
const SIGNS: Readonly<Record<ServiceHealth['status'], string>> = {
  ok: '█',
  degraded: '▄',
  unreachable: '▁',
  unknown: ' ',
};
const SHOWN = 40;

/** `plimsoll health`: exits 1 when a service is degraded or unreachable, or the one that was named is not known. */
export function healthCommand(program: Command, output: Output, done: (code: Code) => void): void {
  const command = program
    .command('health')
    .description('the health of every service; exits 1 where one is degraded or unreachable')
    .option('--service <name>', 'of this service');
  askFlags(command).action(async (flags: HealthFlags) => done(await health(flags, output)));
}

interface Row extends ServiceHealth {
  readonly service: string;
}

function health(flags: HealthFlags, output: Output): Promise<Code> {
  return ask<readonly Row[]>({
    flags,
    output,
    ask: async client => {
      const to = Date.now();
      const range = { from: to - MINUTE, to, step: MINUTE };
      const { services } = await client.get<Overview>('overview', range);
      const answer = services
        .filter(({ service }) => flags.service === undefined || service === flags.service)
        .map(({ service, health: state }) => ({ service, ...state }));
      const bad = answer.some(({ status }) => status === 'degraded' || status === 'unreachable');
      const missing = flags.service !== undefined && answer.length === 0;
      return { answer, text: () => view(answer, to), code: bad || missing ? 1 : 0 };
    },
  });
}

function view(all: readonly Row[], now: number): string {
  if (all.length === 0) return 'No service.';
  const rows = all.flatMap(one => [
    [
      one.service,
      one.status,
      '',
      orDash(one.time, time => `${age(now - time)} ago`),
      one.history
        .slice(-SHOWN)
        .map(({ status }) => SIGNS[status])
        .join(''),
    ],
    ...one.checks.map(checkRow),
  ]);
  const unknown = all.filter(({ status }) => status === 'unknown').length;
  const note = unknown === 0 ? '' : `\n\n${HOW}`;
  return `${table([['SERVICE', 'STATUS', 'TOOK', 'WHEN', 'HISTORY, OR ERROR'], ...rows])}${note}`;
}

const HOW =
  'unknown: the console has no address of the service; let it send the resource attribute plimsoll.ops.url.';

const checkRow = ({ name, ok, latencyMs, ageMs, error }: HealthCheck): readonly string[] => [
  `  ${name}`,
  ok ? 'ok' : 'down',
  orDash(latencyMs, duration),
  orDash(ageMs, ms => `ran ${age(ms)} earlier`),
  error ?? '',
];
