import type { DecodedExemplar, DecodedMetric, Page } from '@plimsoll/wire';
import type { PointQuery, PointRow } from '../types.ts';
import type { Series } from './dictionary.ts';
import { fromJson } from './json.ts';
import type { Segment } from './segment.ts';
import { cursorOf, type Found, limitOf, placeOf, type Source, selectFirst, Where } from './select.ts';

/** Points as they came, oldest first; those of one moment in the order they were stored. */
export async function queryPoints(source: Source, query: PointQuery): Promise<Page<PointRow>> {
  const limit = limitOf(query.limit);
  const where = new Where();
  where.range('time', query);
  where.addOwn(segment => inSeries(seriesOf(segment, query)));
  if (query.cursor !== undefined) after(where, query.cursor);
  const { found } = await selectFirst(
    source,
    {
      branch: segment =>
        `SELECT *, rowid AS row FROM ${segment.at}.points WHERE ${where.for(segment)}
         ORDER BY time, rowid LIMIT ${limit + 1}`,
      params: where.params,
    },
    { kind: 'points', range: query, order: 'oldest', enough: limit + 1, time: row => row['time'] as number },
  );
  const placed = found
    .map(one => ({ ...one, time: one.row['time'] as number, place: placeIn(one) }))
    .sort((a, b) => a.time - b.time || (a.place < b.place ? -1 : 1));
  const items = placed.slice(0, limit).map(readPoint);
  const last = placed[limit - 1];
  return placed.length > limit && last !== undefined
    ? { items, next: cursorOf([last.time, last.place]) }
    : { items };
}

export function seriesOf(segment: Segment, { name, service }: PointQuery): readonly Series[] {
  return [...segment.dictionary.series.values()].filter(
    one => one.name === name && (service === undefined || one.origin.service === service),
  );
}

export function inSeries(series: readonly Series[]): string {
  return series.length === 0 ? 'false' : `series IN (${series.map(one => one.id).join(',')})`;
}

function placeIn({ row, segment }: Found): string {
  const digits = (of: number | bigint) => of.toString(16).padStart(16, '0');
  return digits(Number(segment.at.slice(1))) + digits(row['row'] as bigint);
}

function after(where: Where, cursor: string): void {
  const [time, place] = placeOf(cursor);
  const number = Number.parseInt(place.slice(0, 16), 16);
  where.params['time'] = time;
  where.params['row'] = Number.parseInt(place.slice(16), 16);
  where.addOwn(segment => {
    const own = Number(segment.at.slice(1));
    if (own > number) return 'time >= $time AND $row >= 0';
    return own < number ? 'time > $time AND $row >= 0' : 'time > $time OR (time = $time AND rowid > $row)';
  });
}

function readPoint({ row, segment }: Found): PointRow {
  const series = segment.dictionary.series.get(row['series'] as number)!;
  const exemplars = (row['exemplars'] === '' ? [] : fromJson(row['exemplars'] as string)) as unknown;
  const base = {
    ...{ attributes: series.labels, startTime: row['start'] as number, time: row['time'] as number },
    flags: row['flags'] as number,
  };
  const exact = row['exact'] as string;
  const number = series.type === 'gauge' || series.type === 'sum';
  const point = number
    ? {
        ...base,
        value: exact === '' || exact === 'i' ? (row['value'] as number) : BigInt(exact),
        integer: exact !== '',
        exemplars: exemplars as DecodedExemplar[],
      }
    : {
        ...base,
        ...(fromJson(row['detail'] as string) as object),
        ...(series.type !== 'summary' && { exemplars }),
      };
  const { origin } = series;
  const metric = {
    ...{ name: series.name, description: series.description, unit: series.unit, type: series.type },
    ...(series.temporality !== undefined && { temporality: series.temporality }),
    ...(series.monotonic !== undefined && { monotonic: series.monotonic }),
    points: [point],
  } as unknown as DecodedMetric;
  return { service: origin.service, scope: origin.scope, resource: origin.resource, metric };
}
