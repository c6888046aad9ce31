// Long because it is one store, whole, as the contract sees it.
import type {
  Attributes,
  DecodedLogs,
  DecodedMetric,
  DecodedMetrics,
  DecodedTraces,
  SpanRecord,
} from '@plimsoll/wire';
import { SpanBatch, toTraces } from '../../src/store/span-batch.ts';
import type {
  LogQuery,
  LogRow,
  MetricAnswer,
  MetricInfo,
  MetricQuery,
  Page,
  RequestQuery,
  RequestRow,
  ServiceRow,
  SpanRow,
  Store,
  TraceQuery,
  TraceSummary,
} from '../../src/store/types.ts';

const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const text = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? ''));
const serviceOf = (resource: Attributes): string => text(resource['service.name'] ?? 'unknown_service');

type Listener = Parameters<Store['onRows']>[0];
interface Point {
  readonly service: string;
  readonly metric: DecodedMetric;
}

/** The store's contract in a few arrays: what the API is tested with, without a database. */
export class MemoryStore implements Store {
  readonly #spans: SpanRow[] = [];
  readonly #logs: LogRow[] = [];
  readonly #points: Point[] = [];
  readonly #services = new Map<string, ServiceRow>();
  readonly #listeners = new Set<Listener>();

  async writeTraces(given: DecodedTraces | SpanBatch): Promise<number> {
    const traces = given instanceof SpanBatch ? toTraces(given) : given;
    const rows = traces.flatMap(({ resource, scopes }) =>
      scopes.flatMap(({ scope, items }) =>
        items.map(span => this.#span(span, scope.name, resource.attributes)),
      ),
    );
    this.#spans.push(...rows);
    for (const listener of this.#listeners) listener({ kind: 'span', rows });
    return rows.length;
  }

  async writeLogs(logs: DecodedLogs): Promise<number> {
    const rows = logs.flatMap(({ resource, scopes }) =>
      scopes.flatMap(({ items }) =>
        items.map((log): LogRow => {
          const { attributes } = log;
          const requestId = attributes['request_id'] ?? attributes['http.request_id'];
          return {
            seq: this.#logs.length + 1,
            service: this.#seen(resource.attributes, log.time),
            logger: log.logger,
            time: log.time,
            severity: log.severityNumber,
            level: log.level,
            body: text(log.body),
            ...(log.traceId && { traceId: log.traceId }),
            ...(log.spanId && { spanId: log.spanId }),
            ...(requestId !== undefined && { requestId: text(requestId) }),
            ...(attributes['correlation_id'] !== undefined && {
              correlationId: text(attributes['correlation_id']),
            }),
            attributes,
            resource: resource.attributes,
          };
        }),
      ),
    );
    this.#logs.push(...rows);
    for (const listener of this.#listeners) listener({ kind: 'log', rows });
    return rows.length;
  }

  async writeMetrics(metrics: DecodedMetrics): Promise<number> {
    for (const { resource, scopes } of metrics) {
      const service = this.#seen(resource.attributes, Date.now());
      for (const { items } of scopes) this.#points.push(...items.map(metric => ({ service, metric })));
    }
    return this.#points.length;
  }

  async traces(query: TraceQuery): Promise<Page<TraceSummary>> {
    const byTrace = Map.groupBy(this.#spans, span => span.traceId);
    const all = [...byTrace.values()]
      .filter(spans => spans.some(span => attributeIs(span, query.attribute)))
      .map(summaryOf)
      .filter(
        one =>
          (query.service === undefined || one.services.includes(query.service)) &&
          (query.name === undefined || one.name === query.name) &&
          (query.route === undefined || one.route === query.route) &&
          (query.status === undefined || one.errors > 0 === (query.status === 'error')) &&
          one.durationMs >= (query.minMs ?? 0) &&
          one.durationMs <= (query.maxMs ?? Number.POSITIVE_INFINITY) &&
          inRange(one.start, query),
      );
    all.sort(query.order === 'slowest' ? (a, b) => b.durationMs - a.durationMs : (a, b) => b.start - a.start);
    return pageOf(all, query);
  }

  async trace(traceId: string): Promise<readonly SpanRow[]> {
    return this.#spans.filter(span => span.traceId === traceId).sort((a, b) => a.start - b.start);
  }

  async logs(query: LogQuery): Promise<Page<LogRow>> {
    const wanted = query.text?.toLowerCase();
    const all = this.#logs.filter(
      row =>
        inRange(row.time, query) &&
        (query.service === undefined || row.service === query.service) &&
        (query.minSeverity === undefined || row.severity >= query.minSeverity) &&
        (query.logger === undefined || row.logger === query.logger) &&
        (query.traceId === undefined || row.traceId === query.traceId) &&
        (query.requestId === undefined || row.requestId === query.requestId) &&
        (query.correlationId === undefined || row.correlationId === query.correlationId) &&
        (query.attributes ?? []).every(attribute => attributeIs(row, attribute)) &&
        (wanted === undefined || row.body.toLowerCase().includes(wanted)),
    );
    return pageOf(query.order === 'oldest' ? all : all.toReversed(), query);
  }

  async metricNames(): Promise<readonly MetricInfo[]> {
    return [...Map.groupBy(this.#points, point => point.metric.name).values()].map(infoOf);
  }

  /** The last value of each label set, at the last step: enough for the API, which adds nothing to it. */
  async metric(query: MetricQuery): Promise<MetricAnswer | undefined> {
    const points = this.#points.filter(
      ({ metric, service }) => metric.name === query.name && (query.service ?? service) === service,
    );
    if (points.length === 0) return undefined;
    const steps = Math.ceil((query.to - query.from) / query.step);
    const at = <T>(value: T) => Array.from({ length: steps }, (_, i) => (i === steps - 1 ? value : null));
    const last = points.at(-1)!.metric;
    const times = Array.from({ length: steps }, (_, i) => query.from + i * query.step);
    const info = infoOf(points);
    if (last.type === 'histogram') {
      const { bounds = [], buckets = [] } = last.points[0] ?? {};
      return {
        info,
        times,
        bounds,
        series: [{ labels: {}, values: at(null), buckets: at(buckets), exemplars: [] }],
      };
    }
    if (last.type !== 'sum' && last.type !== 'gauge') return undefined;
    const series = last.points.map(point => ({
      labels: Object.fromEntries((query.by ?? []).map(key => [key, text(point.attributes[key])])),
      values: at(Number(point.value)),
      exemplars: [],
    }));
    return { info, times, series };
  }

  async requests(query: RequestQuery): Promise<readonly RequestRow[]> {
    const step = query.step ?? query.to - query.from;
    const own = this.#spans.filter(
      span => (span.kind === 2 || span.kind === 5) && inRange(span.start, query),
    );
    const groups = Map.groupBy(own, span => {
      const route = query.by === 'route' ? text(span.attributes['http.route'] ?? span.name) : '';
      return `${Math.floor((span.start - query.from) / step)}\n${span.service}\n${route}`;
    });
    return [...groups].map(([key, spans]) => {
      const [at = '0', service = '', route = ''] = key.split('\n');
      const times = spans.map(span => span.durationMs).sort((a, b) => a - b);
      return {
        service,
        ...(query.by === 'route' && { route }),
        time: query.from + Number(at) * step,
        count: spans.length,
        errors: spans.filter(span => span.status === 2).length,
        p50: times[Math.floor(times.length * 0.5)] ?? 0,
        p95: times[Math.floor(times.length * 0.95)] ?? 0,
      };
    });
  }

  async services(): Promise<readonly ServiceRow[]> {
    return [...this.#services.values()];
  }

  async stats() {
    const [spans, logs, points] = [this.#spans.length, this.#logs.length, this.#points.length];
    return { bytes: 0, segments: 1, spans, logs, points, oldest: this.#spans[0]?.start ?? null };
  }

  onRows(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async prune(): Promise<void> {}
  async close(): Promise<void> {}

  #seen(resource: Attributes, time: number): string {
    const service = serviceOf(resource);
    const known = this.#services.get(service);
    this.#services.set(service, { service, firstSeen: known?.firstSeen ?? time, lastSeen: time, resource });
    return service;
  }

  #span(span: SpanRecord, scope: string, resource: Attributes): SpanRow {
    return {
      service: this.#seen(resource, span.endTime),
      scope,
      traceId: span.traceId,
      spanId: span.spanId,
      ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
      name: span.name,
      kind: KINDS[span.spanKind],
      start: span.startTime,
      durationMs: span.endTime - span.startTime,
      status: span.status.code,
      flags: span.flags,
      attributes: span.attributes,
      resource,
      events: span.events,
      links: span.links,
    };
  }
}

function summaryOf(spans: readonly SpanRow[]): TraceSummary {
  const ids = new Set(spans.map(span => span.spanId));
  const root = spans.find(span => !span.parentSpanId || !ids.has(span.parentSpanId)) ?? spans[0]!;
  const route = root.attributes['http.route'];
  const status = root.attributes['http.response.status_code'];
  return {
    traceId: root.traceId,
    service: root.service,
    services: [...new Set(spans.map(span => span.service))],
    name: root.name,
    ...(typeof route === 'string' && { route }),
    ...(typeof status === 'number' && { httpStatus: status }),
    start: root.start,
    durationMs: root.durationMs,
    spans: spans.length,
    errors: spans.filter(span => span.status === 2).length,
  };
}

function infoOf(points: readonly Point[]): MetricInfo {
  const { metric } = points.at(-1)!;
  const labels = 'points' in metric ? metric.points.flatMap(point => Object.keys(point.attributes)) : [];
  return {
    name: metric.name,
    type: metric.type === 'empty' ? 'gauge' : metric.type,
    unit: metric.unit,
    help: metric.description,
    monotonic: metric.type === 'sum' && metric.monotonic,
    labels: [...new Set(labels)],
    services: [...new Set(points.map(point => point.service))],
  };
}

const inRange = (time: number, { from, to }: { from?: number; to?: number }): boolean =>
  time >= (from ?? 0) && time < (to ?? Number.POSITIVE_INFINITY);

function attributeIs(row: { attributes: Attributes }, wanted: TraceQuery['attribute']): boolean {
  return (
    wanted === undefined ||
    (wanted.key in row.attributes && text(row.attributes[wanted.key]) === wanted.value)
  );
}

/** The cursor is a place in the list, which is all that a store which nobody writes to needs. */
function pageOf<T>(
  all: readonly T[],
  { limit = 100, cursor = '0' }: { limit?: number; cursor?: string },
): Page<T> {
  const at = Number(cursor);
  const items = all.slice(at, at + limit);
  return at + limit < all.length ? { items, next: String(at + limit) } : { items };
}
