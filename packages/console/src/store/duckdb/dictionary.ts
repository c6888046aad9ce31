import type { Attributes, DecodedMetric, ResourceGroup, ScopeGroup } from '@plimsoll/wire';
import { attributesFromJson, attributesToJson } from './json.ts';

/** What all rows of one scope in one process share. */
export interface Origin {
  readonly id: number;
  readonly service: string;
  readonly resource: Attributes;
  readonly scope: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: Attributes;
}

export interface Series {
  readonly id: number;
  readonly origin: Origin;
  readonly name: string;
  readonly type: DecodedMetric['type'];
  readonly description: string;
  readonly unit: string;
  readonly temporality?: string;
  readonly monotonic?: boolean;
  readonly labels: Attributes;
}

interface Entry<T> {
  readonly value: T;
  readonly row: readonly (string | number)[];
}

/** The numbers that one segment gives to what repeats. What a failed transaction added is taken back. */
export class Dictionary {
  readonly origins = new Map<number, Origin>();
  readonly series = new Map<number, Series>();
  readonly #originIds = new Map<string, number>();
  readonly #seriesIds = new Map<string, number>();
  #fresh: { origins: Entry<Origin>[]; series: Entry<Series>[]; keys: [string, 'origin' | 'series'][] } = {
    ...{ origins: [], series: [], keys: [] },
  };

  get size(): number {
    return this.#originIds.size + this.#seriesIds.size;
  }

  /** Rows that the transaction must add before it commits. */
  get fresh(): { readonly origins: readonly Entry<Origin>[]; readonly series: readonly Entry<Series>[] } {
    return this.#fresh;
  }

  originOf(
    group: Pick<ResourceGroup<unknown>, 'resource' | 'schemaUrl'>,
    scopeGroup: Pick<ScopeGroup<unknown>, 'scope' | 'schemaUrl'>,
  ): Origin {
    const { resource, schemaUrl = '' } = group;
    const { scope } = scopeGroup;
    const urls = JSON.stringify([scope.name, scope.version, schemaUrl, scopeGroup.schemaUrl ?? '']);
    const detail = `[${attributesToJson(resource.attributes)},${attributesToJson(scope.attributes)},${urls}]`;
    const known = this.#originIds.get(detail);
    if (known !== undefined) return this.origins.get(known)!;
    const id = this.#originIds.size + 1;
    const origin = readOrigin({ id, service: serviceOf(resource.attributes), detail });
    this.origins.set(id, origin);
    this.#originIds.set(detail, id);
    this.#fresh.origins.push({ value: origin, row: [id, origin.service, detail] });
    this.#fresh.keys.push([detail, 'origin']);
    return origin;
  }

  seriesOf(origin: Origin, metric: DecodedMetric, attributes: Attributes): Series {
    const labels = attributesToJson(attributes);
    const detail = JSON.stringify([
      ...[metric.description, metric.unit, 'temporality' in metric ? metric.temporality : ''],
      'monotonic' in metric && metric.monotonic,
    ]);
    const key = `${origin.id} ${metric.type} ${JSON.stringify(metric.name)} ${detail} ${labels}`;
    const known = this.#seriesIds.get(key);
    if (known !== undefined) return this.series.get(known)!;
    const id = this.#seriesIds.size + 1;
    const row = { id, name: metric.name, type: metric.type, detail, labels };
    const series = readSeries(row, origin);
    this.series.set(id, series);
    this.#seriesIds.set(key, id);
    this.#fresh.series.push({ value: series, row: [id, origin.id, row.name, row.type, detail, labels] });
    this.#fresh.keys.push([key, 'series']);
    return series;
  }

  kept(): void {
    this.#fresh = { origins: [], series: [], keys: [] };
  }

  takeBack(): void {
    for (const { value } of this.#fresh.origins) this.origins.delete(value.id);
    for (const { value } of this.#fresh.series) this.series.delete(value.id);
    for (const [key, of] of this.#fresh.keys)
      (of === 'origin' ? this.#originIds : this.#seriesIds).delete(key);
    this.kept();
  }

  /** What the segment's tables say; afterwards new rows get new numbers. */
  load(origins: Iterable<OriginRow>, series: Iterable<SeriesRow>): void {
    for (const row of origins) {
      this.origins.set(row.id, readOrigin(row));
      this.#originIds.set(row.detail, row.id);
    }
    for (const row of series) {
      const origin = this.origins.get(row.origin);
      if (origin === undefined) continue;
      this.series.set(row.id, readSeries(row, origin));
      const key = `${row.origin} ${row.type} ${JSON.stringify(row.name)} ${row.detail} ${row.labels}`;
      this.#seriesIds.set(key, row.id);
    }
  }
}

export interface OriginRow {
  readonly id: number;
  readonly service: string;
  readonly detail: string;
}

export interface SeriesRow {
  readonly id: number;
  readonly origin: number;
  readonly name: string;
  readonly type: string;
  readonly detail: string;
  readonly labels: string;
}

function readOrigin({ id, service, detail }: OriginRow): Origin {
  // Parsed as a whole, tags and all: attributes are read from their own text again.
  const [resource, scope, [name, version]] = JSON.parse(detail) as [unknown, unknown, [string, string]];
  return {
    ...{ id, service, scope: name, scopeVersion: version },
    resource: attributesFromJson(JSON.stringify(resource)),
    scopeAttributes: attributesFromJson(JSON.stringify(scope)),
  };
}

function readSeries(row: Omit<SeriesRow, 'origin'>, origin: Origin): Series {
  const [description, unit, temporality, monotonic] = JSON.parse(row.detail) as [
    string,
    string,
    string,
    boolean,
  ];
  return {
    ...{ id: row.id, origin, name: row.name, type: row.type as Series['type'], description, unit },
    ...(temporality !== '' && { temporality }),
    ...(row.type === 'sum' && { monotonic }),
    labels: attributesFromJson(row.labels),
  };
}

function serviceOf(resource: Attributes): string {
  const name = resource['service.name'];
  return typeof name === 'string' && name !== '' ? name : 'unknown_service';
}
