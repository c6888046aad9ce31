/** What the suites found, and how the figures of the targets are read from it. */
import type { CallRow, CallTopic } from '../calls.bench.ts';
import type { ExportResult } from '../export.bench.ts';
import type { HttpGroup } from '../http.bench.ts';
import type { IngestResult } from '../ingest.bench.ts';
import type { ScrapeResult } from '../scrape.bench.ts';
import type { StartupRow } from '../startup.bench.ts';
import type { Cost } from './http-measures.ts';
import { PEER_NS, SCRAPE_MS, STARTUP_MS } from './reference.ts';

/** What each suite found; a suite that did not run is absent. */
export interface Findings {
  http?: HttpGroup[];
  calls?: CallTopic[];
  scrape?: ScrapeResult;
  startup?: StartupRow[];
  export?: ExportResult;
  ingest?: IngestResult;
}
export function cost({ http }: Findings, framework: string, variant: string): Cost | undefined {
  const group = http?.find(other => other.framework === framework && other.work === 'plain');
  return group?.rows.find(row => row.variant === variant);
}

export function allocation(found: Findings, variant: string): number | undefined {
  const bytes = cost(found, 'fastify', variant)?.allocation;
  return bytes === undefined ? undefined : bytes / 1024;
}

export function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

export function call({ calls }: Findings, name: string): CallRow | undefined {
  return calls?.flatMap(({ rows }) => rows).find(row => row.name === name);
}

/** How much longer the peer that ran at the same time took than on the machine of the targets. */
export function slowerCall(found: Findings, name: string): number | undefined {
  const { ns, beside } = call(found, name) ?? {};
  return ns === undefined || beside === undefined ? undefined : ns / beside.ratio / PEER_NS[beside.peer];
}

export function over(here: number | undefined, there: number): number | undefined {
  return here === undefined ? undefined : here / there;
}

export function started({ startup }: Findings, subject: string): number | undefined {
  return startup?.find(row => row.subject === subject)?.ms;
}

export function slowerStart(found: Findings): number | undefined {
  return over(started(found, 'opentelemetry'), STARTUP_MS);
}

export function slowerScrape({ scrape }: Findings, size: number): number | undefined {
  const row = scrape?.rows.find(
    ({ library, format, size: own }) => library === 'prom-client' && format === 'prometheus' && own === size,
  );
  return over(row?.ms, SCRAPE_MS[size] as number);
}

export function dearestOff({ calls }: Findings, of: (row: CallTopic['rows'][number]) => number | undefined) {
  const rows = calls?.find(({ title }) => title === 'Off')?.rows.filter(row => row.ours);
  return rows && Math.max(...rows.map(row => of(row) ?? Number.NaN));
}

/** The slower of the two formats. */
export function scraped({ scrape }: Findings, size: number, key: 'ms' | 'block'): number | undefined {
  const rows = scrape?.rows.filter(row => row.library === 'plimsoll' && row.size === size);
  return rows && rows.length > 0 ? Math.max(...rows.map(row => row[key])) : undefined;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
