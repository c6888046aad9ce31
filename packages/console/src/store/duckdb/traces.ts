import type { Page, SpanRow, TraceSummary } from '@plimsoll/wire';
import { SPAN_KIND } from '@plimsoll/wire';
import type { TraceQuery } from '../types.ts';
import type { Row } from './database.ts';
import { type SpanExtra, spanRow } from './extra.ts';
import { hexOf, traceKey } from './ids.ts';
import { attributesFromJson, fromJson } from './json.ts';
import { traceSummaries } from './schema.ts';
import type { Segment } from './segment.ts';
import {
  addAttribute,
  cursorOf,
  type Found,
  limitOf,
  originsOf,
  placeOf,
  rangeOf,
  type Source,
  select,
  selectFirst,
  Where,
} from './select.ts';

const MAX_SPANS = 10_000;
const KINDS = Object.keys(SPAN_KIND) as (keyof typeof SPAN_KIND)[];

/**
 * A trace whose spans came over a long time lies in several segments, a part in each. Each part is tried on its own,
 * the first that matches puts the trace in its place in the list, and all are shown as one.
 */
export async function queryTraces(source: Source, query: TraceQuery): Promise<Page<TraceSummary>> {
  const limit = limitOf(query.limit);
  const slowest = query.order === 'slowest';
  const rank = slowest ? 'finish - start' : 'start';
  const where = conditions(query);
  if (query.cursor !== undefined) after(where, rank, query.cursor);
  const branch = (segment: Segment) =>
    `SELECT trace_hi, trace_lo, start, ${rank} AS rank FROM ${summaries(segment)} WHERE ${where.for(segment)}
     ORDER BY rank DESC, trace_hi DESC, trace_lo DESC LIMIT ${limit + 1}`;
  const { found, stoppedAt } = await selectFirst(
    source,
    { branch, params: where.params },
    {
      ...{ kind: 'spans', range: slowest ? query : rangeOf({ ...query, order: 'newest' }) },
      ...{ order: slowest ? 'any' : 'newest', enough: limit + 1, budgetMs: query.budgetMs },
      beyond: query.cursor === undefined ? undefined : placeOf(query.cursor)[0],
      time: row => row['start'] as number,
    },
  );
  const first = found
    .map(({ row }) => ({ id: idOfRow(row), rank: row['rank'] as number }))
    // What lies before the segments that were not asked is all there is of it.
    .filter(one => stoppedAt === undefined || one.rank > stoppedAt)
    .sort((a, b) => b.rank - a.rank || (a.id < b.id ? 1 : -1))
    .slice(0, limit + 1);
  const page = first.slice(0, limit);
  const last = page.at(-1);
  const parts = await partsOf(
    source,
    page.map(one => one.id),
  );
  const places = await placesOf(source, query, parts);
  const items = page.flatMap(({ id, rank: place }) => {
    const all = parts.get(id) ?? [];
    // The same trace stands on another page, or higher up on this one.
    const elsewhere = places.get(id)?.some(other => other > place) ?? false;
    return all.length === 0 || elsewhere ? [] : [summaryOf(id, all)];
  });
  const once = [...new Map(items.map(item => [item.traceId, item])).values()];
  if (first.length > limit && last !== undefined)
    return { items: once, next: cursorOf([last.rank, last.id]) };
  if (stoppedAt === undefined) return { items: once };
  return { items: once, next: cursorOf([stoppedAt, 'f'.repeat(32)]), searchedTo: stoppedAt };
}

/** `only` says which spans can matter, where that is known. */
function conditions(query: TraceQuery, only = 'true'): Where {
  const where = new Where();
  where.range('start', query);
  if (query.name !== undefined) where.add('name = ?', query.name);
  if (query.route !== undefined) where.add('route = ?', query.route);
  if (query.status !== undefined) where.add(query.status === 'error' ? 'errors > 0' : 'errors = 0');
  if (query.minMs !== undefined) where.add('finish - start >= ?', query.minMs);
  if (query.maxMs !== undefined) where.add('finish - start <= ?', query.maxMs);
  const { service, attribute } = query;
  if (service !== undefined) {
    where.addOwn(segment => `list_has_any(origins, [${originsOf(segment, service).join(',')}]::UINTEGER[])`);
  }
  if (attribute !== undefined) {
    const spans = new Where();
    addAttribute(spans, attribute.key, attribute.value);
    const named = Object.entries(spans.params);
    for (const [name, value] of named) where.params[`a${name}`] = value;
    const clause = spans.for(undefined as unknown as Segment).replaceAll('$p', '$ap');
    where.addOwn(
      segment =>
        `(trace_hi, trace_lo) IN (SELECT (trace_hi, trace_lo) FROM ${segment.at}.spans WHERE ${only} AND ${clause})`,
    );
  }
  return where;
}

function after(where: Where, rank: string, cursor: string): void {
  const [place, id] = placeOf(cursor);
  const key = traceKey(id.padStart(32, '0')) ?? { hi: 0n, lo: 0n };
  where.add(`${rank} <= ?`, place);
  where.params['hi'] = key.hi;
  where.params['lo'] = key.lo;
  where.params['place'] = place;
  where.add(`${rank} < $place OR trace_hi < $hi OR (trace_hi = $hi AND trace_lo < $lo)`);
}

/** Sealed segments have them ready. */
function summaries(segment: Segment, only = 'true'): string {
  return segment.sealed
    ? `(SELECT * FROM ${segment.at}.traces WHERE ${only})`
    : `(${traceSummaries(segment.at, only)})`;
}

async function partsOf(
  source: Source,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly Found[]>> {
  if (ids.length === 0) return new Map();
  const segments = source.segments.all.filter(segment => segment.seen.spans.count > 0);
  const branch = (segment: Segment) => `SELECT * FROM ${summaries(segment, among(ids))}`;
  const found = await select(source, segments, { branch });
  return Map.groupBy(found, ({ row }) => idOfRow(row));
}

/** Of traces in several segments, what each part that matches is ranked by. */
async function placesOf(
  source: Source,
  query: TraceQuery,
  parts: ReadonlyMap<string, readonly Found[]>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const several = [...parts].filter(([, all]) => all.length > 1);
  if (several.length === 0) return new Map();
  const names = new Set(several.flatMap(([, all]) => all.map(({ segment }) => segment.at)));
  const only = among(several.map(([id]) => id));
  const where = conditions(query, only);
  const rank = query.order === 'slowest' ? 'finish - start' : 'start';
  const found = await select(
    source,
    source.segments.all.filter(segment => names.has(segment.at)),
    {
      branch: segment =>
        `SELECT trace_hi, trace_lo, ${rank} AS rank FROM ${summaries(segment, only)} WHERE ${where.for(segment)}`,
      params: where.params,
    },
  );
  const byTrace = Map.groupBy(found, ({ row }) => idOfRow(row));
  return new Map([...byTrace].map(([id, all]) => [id, all.map(({ row }) => row['rank'] as number)]));
}

function among(ids: readonly string[]): string {
  const keys = ids.map(id => traceKey(id)!);
  const his = [...new Set(keys.map(key => key.hi))].join(',');
  const los = [...new Set(keys.map(key => key.lo))].join(',');
  return `trace_hi IN (${his}) AND trace_lo IN (${los})`;
}

function summaryOf(traceId: string, parts: readonly Found[]): TraceSummary {
  const of = (name: string) => parts.map(({ row }) => row[name] as number);
  const start = Math.min(...of('start'));
  const services = parts.flatMap(({ row, segment }) =>
    (row['origins'] as number[]).map(id => segment.dictionary.origins.get(id)?.service ?? ''),
  );
  const ordered = parts.toSorted(
    (a, b) =>
      Number(b.row['rooted']) - Number(a.row['rooted']) ||
      (a.row['head'] as number) - (b.row['head'] as number),
  );
  const head = ordered[0]!;
  const route = ordered.map(({ row }) => row['route'] as string).find(one => one !== '') ?? '';
  const http = head.row['http'] as number;
  const sum = (name: string) => parts.reduce((total, { row }) => total + Number(row[name]), 0);
  return {
    traceId,
    service: head.segment.dictionary.origins.get(head.row['origin'] as number)?.service ?? '',
    services: [...new Set(services)].sort(),
    name: head.row['name'] as string,
    ...(route !== '' && { route }),
    ...(http !== 0 && { httpStatus: http }),
    ...{ start, durationMs: Math.max(...of('finish')) - start, spans: sum('spans'), errors: sum('errors') },
  };
}

export async function queryTrace(source: Source, traceId: string): Promise<readonly SpanRow[]> {
  const key = traceKey(traceId);
  if (key === undefined) return [];
  const segments = source.segments.all.filter(segment => segment.seen.spans.count > 0);
  const found = await select(source, segments, {
    branch: ({ at }) =>
      `SELECT * FROM ${at}.spans WHERE trace_lo = $lo AND trace_hi = $hi ORDER BY start LIMIT ${MAX_SPANS}`,
    params: { hi: key.hi, lo: key.lo },
  });
  return found
    .map(readSpan)
    .sort((a, b) => a.start - b.start)
    .slice(0, MAX_SPANS);
}

function readSpan({ row, segment }: Found): SpanRow {
  const extra = (row['extra'] === '' ? {} : fromJson(row['extra'] as string)) as SpanExtra;
  const start = row['start'] as number;
  const ms = row['ms'] as number;
  const parent = row['parent'] as bigint;
  const [attributes = 0, events = 0, links = 0] = extra.dropped ?? [];
  const span = spanRow(
    {
      kind: 'span',
      ...{ traceId: idOfRow(row), spanId: hexOf(row['span'] as bigint), name: row['name'] as string },
      ...(parent !== 0n && { parentSpanId: hexOf(parent) }),
      ...(extra.remote !== undefined && { parentRemote: extra.remote }),
      ...(extra.state !== undefined && { traceState: extra.state }),
      ...{ flags: row['flags'] as number, spanKind: KINDS[(row['kind'] as number) - 1] ?? 'internal' },
      ...{
        startTime: start,
        endTime: start + ms,
        attributes: attributesFromJson(row['attributes'] as string),
      },
      ...{ events: extra.events ?? [], links: extra.links ?? [] },
      status: { code: row['status'] as 0 | 1 | 2, ...(extra.message && { message: extra.message }) },
      ...{ droppedAttributes: attributes, droppedEvents: events, droppedLinks: links },
    },
    segment.dictionary.origins.get(row['origin'] as number)!,
  );
  // Adding what was subtracted may round; the table has the exact difference.
  return { ...span, durationMs: ms };
}

function idOfRow(row: Row): string {
  return hexOf(row['trace_hi'] as bigint) + hexOf(row['trace_lo'] as bigint);
}
