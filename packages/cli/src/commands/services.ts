import type {
  Overview,
  RequestRow,
  Series,
  ServiceAnswer,
  ServiceOverview,
  StoreStats,
} from '@plimsoll/wire';
import { type Command, Option } from 'commander';
import { age, bytes, duration, number, orDash, share, sparkline, time } from '../output/format.ts';
import type { Output } from '../output/output.ts';
import { table } from '../output/table.ts';
import { ask, type Code } from '../query/ask.ts';
import { type AskFlags, askFlags, closedRange, type RangeFlags, rangeFlags } from '../query/flags.ts';

const QUARTER = 900_000;
const STEPS = 30;

/** `plimsoll services`, `overview`, `requests` and `stats`: who is there, how they do, what is stored. */
export function servicesCommands(program: Command, output: Output, done: (code: Code) => void): void {
  askFlags(program.command('services').description('the services that have reported to a console')).action(
    async (flags: AskFlags) => done(await services(flags, output)),
  );
  rangeFlags(
    askFlags(
      program.command('overview').description('every service: health, requests, errors, event loop, memory'),
    ),
    '15m',
  ).action(async (flags: OverviewFlags) => done(await overview(flags, output)));
  const command = program
    .command('requests')
    .description('how many requests a service or a route had, how many failed, how long they took')
    .option('--service <name>', 'of this service')
    .addOption(new Option('--by <what>', 'a line for each').choices(['service', 'route']).default('route'));
  rangeFlags(askFlags(command), '15m').action(async (flags: RequestFlags) =>
    done(await requests(flags, output)),
  );
  askFlags(program.command('stats').description('what a console has stored')).action(
    async (flags: AskFlags) => done(await stats(flags, output)),
  );
}

interface OverviewFlags extends AskFlags, RangeFlags {}
interface RequestFlags extends AskFlags, RangeFlags {
  readonly service?: string;
  readonly by: string;
}

function services(flags: AskFlags, output: Output): Promise<Code> {
  return ask<readonly ServiceAnswer[]>({
    flags,
    output,
    ask: async client => {
      const answer = await client.get<readonly ServiceAnswer[]>('services');
      const rows = answer.map(({ service, resource, firstSeen, lastSeen, ops }) => [
        service,
        String(resource['service.version'] ?? '-'),
        String(resource['deployment.environment.name'] ?? resource['deployment.environment'] ?? '-'),
        String(resource['telemetry.sdk.language'] ?? '-'),
        ops.reachable ? 'known' : '-',
        time(firstSeen),
        time(lastSeen),
      ]);
      const head = ['SERVICE', 'VERSION', 'ENVIRONMENT', 'LANGUAGE', 'OPS API', 'FIRST SEEN', 'LAST SEEN'];
      return { answer, text: () => (rows.length === 0 ? 'No service.' : table([head, ...rows])) };
    },
  });
}

function overview(flags: OverviewFlags, output: Output): Promise<Code> {
  return ask<Overview>({
    flags,
    output,
    ask: async client => {
      const range = closedRange(flags, QUARTER);
      const step = Math.max(1000, Math.ceil((range.to - range.from) / STEPS));
      const answer = await client.get<Overview>('overview', { ...range, step });
      const head = ['SERVICE', 'HEALTH', 'PER S', 'P95', 'ERRORS', 'LOOP', 'MEMORY', 'REQUESTS OVER TIME'];
      const rows = answer.services.map(overviewRow);
      return { answer, text: () => (rows.length === 0 ? 'No service.' : table([head, ...rows])) };
    },
  });
}

function overviewRow({ service, health, rate, p95, errors, loop, memory }: ServiceOverview): string[] {
  const last = (series: Series) => series.findLast(value => value !== null);
  return [
    service,
    health.status,
    orDash(last(rate), number),
    orDash(last(p95), duration),
    orDash(last(errors), share),
    orDash(last(loop), duration),
    orDash(last(memory), bytes),
    sparkline(rate),
  ];
}

function requests(flags: RequestFlags, output: Output): Promise<Code> {
  return ask<readonly RequestRow[]>({
    flags,
    output,
    ask: async client => {
      const params = { ...closedRange(flags, QUARTER), service: flags.service, by: flags.by };
      const answer = await client.get<readonly RequestRow[]>('requests', params);
      const rows = answer.map(row => [
        String(row.count),
        String(row.errors),
        share(row.count > 0 ? row.errors / row.count : 0),
        duration(row.p50),
        duration(row.p95),
        row.service,
        row.route ?? '-',
      ]);
      const head = ['COUNT', 'FAILED', 'SHARE', 'P50', 'P95', 'SERVICE', 'ROUTE'];
      return { answer, text: () => (rows.length === 0 ? 'No request.' : table([head, ...rows])) };
    },
  });
}

function stats(flags: AskFlags, output: Output): Promise<Code> {
  return ask<StoreStats>({
    flags,
    output,
    ask: async client => {
      const answer = await client.get<StoreStats>('stats');
      const rows = [
        ['spans', String(answer.spans)],
        ['log lines', String(answer.logs)],
        ['metric points', String(answer.points)],
        ['on disk', `${bytes(answer.bytes)} in ${answer.segments} segments`],
        ['oldest', orDash(answer.oldest, oldest => `${time(oldest)}, ${age(Date.now() - oldest)} ago`)],
      ];
      return { answer, text: () => table(rows) };
    },
  });
}
