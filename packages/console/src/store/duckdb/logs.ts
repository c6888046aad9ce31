import type { LogRow, Page } from '@plimsoll/wire';
import type { LogQuery } from '../types.ts';
import { type LogExtra, logRow } from './extra.ts';
import { hexOf, traceKey } from './ids.ts';
import { attributesFromJson, fromJson } from './json.ts';
import {
  addAttribute,
  cursorOf,
  type Found,
  limitOf,
  ofService,
  placeOf,
  rangeOf,
  type Source,
  selectFirst,
  Where,
} from './select.ts';

export async function queryLogs(source: Source, query: LogQuery): Promise<Page<LogRow>> {
  const where = conditions(query);
  if (where === undefined) return { items: [] };
  const limit = limitOf(query.limit);
  const order = query.order ?? 'newest';
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  const { found, stoppedAt } = await selectFirst(
    source,
    {
      branch: segment =>
        `SELECT * FROM ${segment.at}.logs WHERE ${where.for(segment)}
         ORDER BY time ${direction}, seq ${direction} LIMIT ${limit + 1}`,
      params: where.params,
    },
    {
      ...{ kind: 'logs', range: rangeOf(query), order, enough: limit + 1 },
      ...{
        budgetMs: query.budgetMs,
        beyond: query.cursor === undefined ? undefined : placeOf(query.cursor)[0],
      },
      time: row => row['time'] as number,
    },
  );
  const sign = order === 'newest' ? -1 : 1;
  const rows = found.map(readLog).sort((a, b) => sign * (a.time - b.time || a.seq - b.seq));
  if (stoppedAt !== undefined) return partOf(rows, { sign, limit, stoppedAt });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined
    ? { items, next: cursorOf([last.time, last.seq.toString(16)]) }
    : { items };
}

/** What lies before the segments that were not asked is all there is of it; the rest is found by the next page. */
function partOf(
  rows: readonly LogRow[],
  { sign, limit, stoppedAt }: { sign: number; limit: number; stoppedAt: number },
): Page<LogRow> {
  const sure = rows.filter(row => sign * (row.time - stoppedAt) < 0);
  const items = sure.slice(0, limit);
  const last = items.at(-1);
  if (sure.length > limit && last !== undefined) {
    return { items, next: cursorOf([last.time, last.seq.toString(16)]) };
  }
  // Behind every number that a row has at that time, or before it.
  const edge = sign < 0 ? Number.MAX_SAFE_INTEGER.toString(16) : '0';
  return { items, next: cursorOf([stoppedAt, edge]), searchedTo: stoppedAt };
}

/** Undefined where nothing can match. */
function conditions(query: LogQuery): Where | undefined {
  const where = new Where();
  where.range('time', query);
  if (query.minSeverity !== undefined) where.add('severity >= ?', query.minSeverity);
  if (query.logger !== undefined) where.add('logger = ?', query.logger);
  if (query.requestId !== undefined) where.add('request = ?', query.requestId);
  if (query.correlationId !== undefined) where.add('correlation = ?', query.correlationId);
  if (query.service !== undefined) where.addOwn(ofService('origin', query.service));
  if (query.traceId !== undefined) {
    const key = traceKey(query.traceId);
    if (key === undefined) return undefined;
    where.add('trace_hi = ?', key.hi);
    where.add('trace_lo = ?', key.lo);
  }
  for (const { key, value } of query.attributes ?? []) addAttribute(where, key, value);
  if (query.text !== undefined && query.text !== '') addText(where, query.text.toLowerCase());
  if (query.cursor !== undefined) after(where, query);
  return where;
}

/** JSON's text holds names too, so it only says where to look closer. */
function addText(where: Where, text: string): void {
  // What has one case only needs no copy of every row in lower case.
  const lower = (column: string) => (text === text.toUpperCase() ? column : `lower(${column})`);
  where.params['text'] = text;
  where.params['quoted'] = JSON.stringify(text).slice(1, -1);
  where.add(
    `contains(${lower('body')}, $text) OR (contains(${lower('attributes')}, $quoted) AND
     contains(lower(array_to_string(json_extract_string(attributes, '$.*'), chr(10))), $text))`,
  );
}

function after(where: Where, query: LogQuery): void {
  const [time, hex] = placeOf(query.cursor!);
  const sign = query.order === 'oldest' ? '>' : '<';
  where.params['time'] = time;
  where.params['seq'] = Number.parseInt(hex, 16);
  where.add(`time ${sign} $time OR (time = $time AND seq ${sign} $seq)`);
}

function readLog({ row, segment }: Found): LogRow {
  const extra = (row['extra'] === '' ? {} : fromJson(row['extra'] as string)) as LogExtra;
  const hi = row['trace_hi'] as bigint;
  const lo = row['trace_lo'] as bigint;
  const span = row['span'] as bigint;
  return logRow(
    {
      ...{ seq: row['seq'] as number, time: row['time'] as number, observedTime: row['observed'] as number },
      ...{ severityNumber: row['severity'] as number, severityText: row['severity_text'] as string },
      ...{ logger: row['logger'] as string, body: row['body'] as string },
      attributes: attributesFromJson(row['attributes'] as string),
      ...(extra.body !== undefined && { bodyValue: extra.body }),
      ...((hi !== 0n || lo !== 0n) && { traceId: hexOf(hi) + hexOf(lo) }),
      ...(span !== 0n && { spanId: hexOf(span) }),
      ...(extra.event !== undefined && { eventName: extra.event }),
      ...(extra.flags !== undefined && { flags: extra.flags }),
    },
    segment.dictionary.origins.get(row['origin'] as number)!,
  );
}
