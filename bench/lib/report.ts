// Long because it is one document, section by section.
/** What a run says: ratios first, then the tables they come from. */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { CallTopic } from '../calls.bench.ts';
import type { ExportResult } from '../export.bench.ts';
import type { HttpGroup } from '../http.bench.ts';
import type { IngestResult } from '../ingest.bench.ts';
import type { ScrapeResult, ScrapeRow } from '../scrape.bench.ts';
import type { StartupRow } from '../startup.bench.ts';
import type { Findings } from './findings.ts';
import { canPin } from './processes.ts';
import { NOT_BUILT, type Result, TARGETS } from './targets.ts';

export function targetTable(results: readonly Result[]): string {
  const rows = results.map(({ id, must, aim, measured, slower, at_reference, met }) => {
    const target = TARGETS.find(other => other.id === id);
    const sign = target?.better === 'more' ? '≥' : '≤';
    const digits = target?.digits ?? 2;
    const value = measured === null ? 'not measured' : measured.toFixed(digits);
    return [
      target?.title ?? id,
      `${sign} ${must}`,
      `${sign} ${aim}`,
      value,
      slower === undefined ? '' : slower.toFixed(2),
      at_reference === undefined ? '' : at_reference.toFixed(digits),
      met === false ? '**missed**' : met,
    ];
  });
  return table(['target', 'must', 'aim', 'measured', 'machine', 'at reference', 'met'], rows);
}

export function report(findings: Findings, results: readonly Result[], command: string): string {
  const { http, calls, scrape, startup } = findings;
  const sections = [
    '# What plimsoll costs',
    `\`${command}\` on ${machine()}. ${method()}`,
    '## Targets',
    targetTable(results),
    TARGETS_NOTE,
    `Not built yet, and not in results.json: ${NOT_BUILT.join('; ')}.`,
    ...(http ? httpSections(http) : []),
    ...(calls ? ['## One call', CALLS_NOTE, ...calls.flatMap(callSection)] : []),
    ...(scrape ? ['## A scrape', SCRAPE_NOTE, scrapeTable(scrape.rows), ...underLoad(scrape)] : []),
    ...(startup ? ['## Start-up over an empty process', startupTable(startup)] : []),
    ...(findings.export ? exportSections(findings.export) : []),
    ...(findings.ingest ? ingestSection(findings.ingest) : []),
    '## Versions',
    versions(),
  ];
  return `${sections.join('\n\n')}\n`;
}

const TARGETS_NOTE =
  'Targets in ns, µs, ms and spans a second hold for the machine on which they were set. `machine` is how many times longer fixed foreign code takes here, measured beside ours (bare framework, prom-client, OpenTelemetry, pino: `bench/lib/reference.ts`); `at reference` is the figure without that, and `met` is judged by it. Ratios and bytes are judged as they are.';

function machine(): string {
  const model = cpus()[0]?.model.trim() || 'an unnamed processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model}, ${memory} GB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

function method(): string {
  const pinned = canPin
    ? 'The server has a core for itself, load and sink share another.'
    : 'Processes were **not** pinned to cores here: readings are rougher.';
  return `Each variant runs at the same time as the bare framework on one core, each under a load of its own, so that what the machine does meanwhile meets both; ratios are medians of such rounds, processor time is the process's own accounting. req/s, MB and latency are of each alone. ${pinned}`;
}

const NAMES: Readonly<Record<string, string>> = {
  ...{
    bare: 'bare',
    on: '**all signals on**',
    off: '`OBS_ENABLED=false`',
    documented: 'the documented stack',
  },
  ...{ tuned: 'the same tuned by hand', otel: 'OpenTelemetry alone', datadog: 'dd-trace', sentry: 'Sentry' },
};
const WORK = {
  ...{ plain: '', log: ', a log line in the handler', db: ', a database call in the handler' },
  series: ', 100k series',
} as const;

const BUSY_NOTE = 'Where `busy` is under 0.95 the server waited, and req/s says nothing; CPU still does.';

function httpSections(groups: readonly HttpGroup[]): string[] {
  const head = [
    'variant',
    '× bare',
    'min–max',
    '95 %',
    '+ CPU µs',
    'CPU µs',
    'req/s',
    'busy',
    'KB a request',
    'MB',
  ];
  return groups.flatMap(({ framework, work, rows, failed }) => {
    const cells = rows.map(row => [
      ...[
        NAMES[row.variant] ?? row.variant,
        row.ratio.toFixed(2),
        range(row.spread, 2),
        range(row.interval, 2),
      ],
      ...[row.extra.toFixed(1), row.cpu.toFixed(1), String(Math.round(row.rps)), row.busy.toFixed(2)],
      ...[row.allocation === undefined ? '' : (row.allocation / 1024).toFixed(1), mb(row.rss)],
    ]);
    const missing = Object.entries(failed).map(([variant, why]) => `\`${variant}\` did not start: ${why}.`);
    const name = framework === 'node' ? 'node:http' : framework[0]?.toUpperCase() + framework.slice(1);
    return [
      `## ${name}, GET /users/:id${WORK[work]}`,
      table(head, cells),
      BUSY_NOTE,
      ...missing,
      ...latency(rows),
    ];
  });
}

function latency(rows: HttpGroup['rows']): string[] {
  const cells = rows.flatMap(({ variant, latency: at }) =>
    at
      ? [
          [
            NAMES[variant] ?? variant,
            at.ratio.toFixed(2),
            range(at.spread, 2),
            range(at.interval, 2),
            ...[at.p50, at.p99, at.p999].map(ms),
            `${(at.leftOut * 100).toFixed(1)} %`,
          ],
        ]
      : [],
  );
  if (cells.length === 0) return [];
  const note =
    'Left out: answers that were due or under way while the load itself was not running, for half a millisecond or more; the sink shares its core.';
  const times = ['p50 ms', 'p99 ms', 'p99.9 ms', 'left out'];
  const head = ['4,000 requests a second', 'p99 × bare', 'min–max', '95 %', ...times];
  return [table(head, cells), note];
}

const CALLS_NOTE =
  'Processor time with its share of collections, and bytes of heap; each case in processes of its own, medians of their medians; the rows of a target run at the same time as their peer. Arguments that the call needs anew (fields, attributes) are built inside; label sets are made before.';

function callSection({ title, rows }: CallTopic): string[] {
  const cells = rows.map(({ name, ours, ns, spread, bytes, beside, failed }) => [
    ...[ours ? `**${name}**` : name, failed ? `not measured: ${failed}` : ns.toFixed(1)],
    ...[failed ? '' : range(spread, 1), bytes === undefined ? '' : String(bytes)],
    beside ? `${beside.ratio.toFixed(3)} (${range(beside.spread, 3)}) × ${beside.peer}` : '',
  ]);
  return [`### ${title}`, table(['call', 'ns', 'min–max', 'bytes', 'at once with'], cells)];
}

const SCRAPE_NOTE =
  'Half of the series are counters, half lines of histograms; every value changes between scrapes. Block: the longest time between two turns of the event loop, in the median scrape and the worst of 25.';

function scrapeTable(rows: readonly ScrapeRow[]): string {
  const cells = rows.map(row => [
    ...[row.library === 'plimsoll' ? '**plimsoll**' : row.library, row.format, String(row.series)],
    ...[
      ms(row.ms),
      range(row.spread, 2),
      ms(row.first),
      ms(row.block),
      ms(row.worst),
      (row.bytes / 1024).toFixed(0),
    ],
  ]);
  const head = [
    'library',
    'format',
    'series',
    'ms',
    'min–max',
    'the first, ms',
    'block, ms',
    'worst block, ms',
    'KB',
  ];
  return table(head, cells);
}

function underLoad({ load, moved }: ScrapeResult): string[] {
  const cells = load.map(row => [
    ...[row.scraped ? 'scraped every 5 s' : 'not scraped', String(Math.round(row.rps))],
    ...[row.p50, row.p99, row.p999].map(ms),
  ]);
  return [
    `A Fastify service with all signals on and 100k series, at full load: scrapes move p99 by ${((moved - 1) * 100).toFixed(0)} %.`,
    table(['', 'req/s', 'p50 ms', 'p99 ms', 'p99.9 ms'], cells),
  ];
}

function startupTable(rows: readonly StartupRow[]): string {
  const cells = rows.map(row => [
    ...[row.subject, row.failed ? 'not measured' : ms(row.ms), range(row.spread, 1)],
    ...[range(row.interval, 1), mb(row.rss)],
  ]);
  return table(['process', '+ ms', 'min–max', '95 %', '+ MB'], cells);
}

function ingestSection({ spansPerSecond, spread, cpu, closing, rss, refused }: IngestResult): string[] {
  const row = [
    ...[spansPerSecond.toFixed(0), spread.map(rate => rate.toFixed(0)).join('–'), cpu.toFixed(2)],
    ...[closing.toFixed(0), (rss / 2 ** 20).toFixed(0), String(refused)],
  ];
  const head = ['spans/s', 'min–max', 'CPU µs a span', 'the last of them, ms', 'MB', 'requests refused'];
  const note =
    'The console takes spans over HTTP from another process and stores them on disk; a span counts once it was acknowledged, and storing what is left at the end counts as time.';
  return ['## Receive and store', note, table(head, [row])];
}

function exportSections({ throughput, faults }: ExportResult): string[] {
  const spans = throughput.map(row => [
    ...[row.library, String(Math.round(row.spansPerSecond)), row.spread.map(Math.round).join('–')],
    ...[row.cpu.toFixed(2), String(row.dropped)],
  ]);
  const first = faults[0];
  const felt = faults.map(row => [
    ...[
      row.mode,
      row.cpu.toFixed(1),
      first ? (row.cpu / first.cpu).toFixed(2) : '',
      ms(row.p50),
      ms(row.p99),
    ],
    ...[row.rssMb.toFixed(0), String(row.errors)],
  ]);
  return [
    '## Export',
    table(['spans with 6 attributes, made and sent', 'spans/s', 'min–max', 'CPU µs', 'dropped'], spans),
    'One Fastify service with all signals on, in this order, while its sink…',
    table(['sink', 'CPU µs a request', '× first', 'p50 ms', 'p99 ms', 'MB', 'errors'], felt),
  ];
}

function versions(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return Object.entries(manifest.dependencies as Record<string, string>)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function range([low, high]: [number, number], digits: number): string {
  return `${low.toFixed(digits)}–${high.toFixed(digits)}`;
}

function ms(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

function mb(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
