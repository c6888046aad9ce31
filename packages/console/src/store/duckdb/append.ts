import type {
  Attributes,
  DecodedLog,
  DecodedLogs,
  DecodedMetric,
  DecodedMetrics,
  SpanRecord,
} from '@plimsoll/wire';
import { type SpanBatch, spanAt } from '../span-batch.ts';
import type { Origin } from './dictionary.ts';
import { type LogExtra, logExtra } from './extra.ts';
import { idOf, traceKey } from './ids.ts';
import { attributesToJson, toJson } from './json.ts';
import { Seen } from './seen.ts';
import type { Segment } from './segment.ts';
import { Table } from './table.ts';

/** Rows of the transaction that is open, table by table. */
export interface Tables {
  readonly spans: Table;
  readonly logs: Table;
  readonly points: Table;
  readonly origins: Table;
  readonly series: Table;
}

export function createTables(): Tables {
  return {
    spans: new Table('spans', [
      ...([
        'id',
        'id',
        'id',
        'id',
        'u32',
        'text',
        'u8',
        'double',
        'double',
        'u8',
        'u8',
        'text',
        'u16',
      ] as const),
      ...(['text', 'text'] as const),
    ]),
    logs: new Table('logs', [
      ...(['double', 'double', 'double', 'u8', 'text', 'u32', 'text', 'text', 'id', 'id', 'id'] as const),
      ...(['text', 'text', 'text', 'text'] as const),
    ]),
    points: new Table('points', [
      ...(['u32', 'double', 'double', 'u32', 'double', 'double', 'text', 'text', 'text'] as const),
    ]),
    origins: new Table('origins', ['u32', 'text', 'text']),
    series: new Table('series', ['u32', 'u32', 'text', 'text', 'text', 'text']),
  };
}

/** What came of one write: how many rows went in, and the rows themselves where somebody listens. */
export interface Taken<T> {
  readonly item: T;
  readonly origin: Origin;
}

/** Columns into columns: what is a number is copied as a whole. */
export function appendSpans(
  table: Table,
  segment: Segment,
  batch: SpanBatch,
  taken?: Taken<SpanRecord>[],
): number {
  for (const group of batch.groups) {
    for (const { from, to, ...scopeGroup } of group.scopes) {
      if (from === to) continue;
      const origin = segment.dictionary.originOf(group, scopeGroup);
      for (let row = from; row < to; ) {
        const { at, count } = table.reserve(to - row);
        copySpans(table, batch, { at, from: row, count, origin: origin.id });
        row += count;
      }
      const seen = new Seen();
      for (let row = from; row < to; row++) seen.add(batch.start[row]!);
      segment.saw('spans', origin, seen);
      if (taken) for (let row = from; row < to; row++) taken.push({ item: spanAt(batch, row), origin });
    }
  }
  return batch.count;
}

interface Copied {
  readonly at: number;
  readonly from: number;
  readonly count: number;
  readonly origin: number;
}

function copySpans(table: Table, batch: SpanBatch, { at, from, count, origin }: Copied): void {
  const c = table.columns;
  c[0]!.setRange(at, batch.traceHi.numbers, from, count);
  c[1]!.setRange(at, batch.traceLo.numbers, from, count);
  c[2]!.setRange(at, batch.span.numbers, from, count);
  c[3]!.setRange(at, batch.parent.numbers, from, count);
  c[4]!.fill(at, origin, count);
  c[5]!.setRange(at, batch.name, from, count);
  c[6]!.setRange(at, batch.kind, from, count);
  c[7]!.setRange(at, batch.start, from, count);
  c[8]!.setRange(at, batch.ms, from, count);
  c[9]!.setRange(at, batch.status, from, count);
  c[10]!.setRange(at, batch.flags, from, count);
  c[11]!.setRange(at, batch.route, from, count);
  c[12]!.setRange(at, batch.http, from, count);
  c[13]!.setRange(at, batch.attributes, from, count);
  c[14]!.setRange(at, batch.extra, from, count);
}

export function appendLogs(
  table: Table,
  segment: Segment,
  groups: DecodedLogs,
  context: {
    seq: number;
    readonly now: number;
    readonly taken?: Taken<DecodedLog & { seq: number }>[] | undefined;
  },
): number {
  let rows = 0;
  for (const group of groups) {
    for (const scopeGroup of group.scopes) {
      if (scopeGroup.items.length === 0) continue;
      const origin = segment.dictionary.originOf(group, scopeGroup);
      const seen = new Seen();
      for (const log of scopeGroup.items) {
        const item = { ...log, time: log.time || log.observedTime || context.now, seq: context.seq };
        if (!appendLog(table, origin.id, item)) continue;
        context.seq += 1;
        seen.add(item.time);
        context.taken?.push({ item, origin });
      }
      segment.saw('logs', origin, seen);
      rows += seen.count;
    }
  }
  return rows;
}

function appendLog(table: Table, origin: number, log: DecodedLog & { readonly seq: number }): boolean {
  const trace = log.traceId === undefined || /^0+$/.test(log.traceId) ? NO_TRACE : traceKey(log.traceId);
  const span = log.spanId === undefined ? 0n : log.spanId.length === 16 ? idOf(log.spanId) : undefined;
  if (trace === undefined || span === undefined) return false;
  const { attributes, body } = log;
  const row = table.next();
  const c = table.columns;
  c[0]!.setItem(row, log.seq);
  c[1]!.setItem(row, log.time);
  c[2]!.setItem(row, log.observedTime);
  c[3]!.setItem(row, log.severityNumber);
  c[4]!.setItem(row, log.severityText);
  c[5]!.setItem(row, origin);
  c[6]!.setItem(row, log.logger);
  c[7]!.setItem(row, typeof body === 'string' ? body : body === null ? '' : toJson(body));
  c[8]!.setItem(row, trace.hi);
  c[9]!.setItem(row, trace.lo);
  c[10]!.setItem(row, span);
  c[11]!.setItem(row, textOf(attributes['request_id']));
  c[12]!.setItem(row, textOf(attributes['correlation_id']));
  c[13]!.setItem(row, attributesToJson(attributes));
  c[14]!.setItem(row, extraText(logExtra(log)));
  return true;
}

export function appendMetrics(table: Table, segment: Segment, groups: DecodedMetrics): number {
  let rows = 0;
  for (const group of groups) {
    for (const scopeGroup of group.scopes) {
      const metrics = scopeGroup.items.filter(metric => metric.type !== 'empty');
      if (metrics.length === 0) continue;
      const origin = segment.dictionary.originOf(group, scopeGroup);
      const seen = new Seen();
      for (const metric of metrics) {
        for (const point of metric.points) {
          const series = segment.dictionary.seriesOf(origin, metric, point.attributes);
          appendPoint(table, series.id, point);
          seen.add(point.time);
        }
      }
      segment.saw('points', origin, seen);
      rows += seen.count;
    }
  }
  return rows;
}

type Point = Exclude<DecodedMetric, { type: 'empty' }>['points'][number];

function appendPoint(table: Table, series: number, point: Point): void {
  const { time, startTime, flags, attributes: _, ...rest } = point;
  const row = table.next();
  const c = table.columns;
  c[0]!.setItem(row, series);
  c[1]!.setItem(row, time);
  c[2]!.setItem(row, startTime);
  c[3]!.setItem(row, flags >>> 0);
  if ('value' in rest) {
    c[4]!.setItem(row, Number(rest.value));
    c[5]!.setItem(row, 0);
    c[6]!.setItem(row, typeof rest.value === 'bigint' ? String(rest.value) : rest.integer ? 'i' : '');
    c[7]!.setItem(row, '');
  } else {
    const { exemplars: __, ...detail } = rest as typeof rest & { exemplars?: unknown };
    c[4]!.setItem(row, rest.sum ?? 0);
    c[5]!.setItem(row, rest.count);
    c[6]!.setItem(row, '');
    c[7]!.setItem(row, toJson(detail as unknown as Attributes));
  }
  const exemplars = 'exemplars' in rest ? rest.exemplars : [];
  c[8]!.setItem(row, exemplars.length === 0 ? '' : toJson(exemplars as unknown as Attributes[]));
}

const NO_TRACE = { hi: 0n, lo: 0n } as const;

function extraText(extra: LogExtra | undefined): string {
  return extra === undefined ? '' : toJson(extra as unknown as Attributes);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
