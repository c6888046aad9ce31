import type { DecodedLogs, DecodedMetrics, DecodedTraces, ServiceRow, StoreStats } from '@plimsoll/wire';
import { type Report, StoreError, toStandardError } from '../error.ts';
import { SpanBatch, toBatch } from '../span-batch.ts';
import type { PointStore, RowListener, Store } from '../types.ts';
import { Database } from './database.ts';
import { logRow, spanRow } from './extra.ts';
import { toJson } from './json.ts';
import { queryLogs } from './logs.ts';
import { queryMetric, queryMetricNames } from './metrics.ts';
import { queryPoints } from './points.ts';
import { queryRequests } from './requests.ts';
import { Seen } from './seen.ts';
import { Segments } from './segments.ts';
import type { Source } from './select.ts';
import { queryTrace, queryTraces } from './traces.ts';
import { type Arrivals, type Batch, Writer } from './writer.ts';

export interface DuckdbOptions {
  /** A folder of its own; it is made where there is none. */
  readonly dir: string;
  /** Default 4 GiB, at least 8 MiB. */
  readonly maxBytes?: number;
  /** Default a week. */
  readonly maxAgeMs?: number;
  /** Of one segment before it is compressed; default a fortieth of `maxBytes`, at most 64 MiB. */
  readonly segmentBytes?: number;
  readonly report?: Report;
}

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const WEEK_MS = 7 * 24 * 3600 * 1000;
/** The age limit has to be looked after even while nothing comes. */
const PRUNE_MS = 60_000;
/** A quota's part: what is not yet dropped or not yet compressed must fit in the tenth that it may be off by. */
const PARTS = 40;
/** About what a row takes before it is compressed. */
const ROW_BYTES = 512;

/** Opens the store of a folder. Throws `PLIMSOLL_STORE_LOCKED` where another process has it. */
export async function openDuckdbStore(options: DuckdbOptions): Promise<PointStore> {
  const report = options.report ?? toStandardError;
  const maxBytes = Math.max(options.maxBytes ?? 4 * GIB, 8 * MIB);
  const segmentBytes = options.segmentBytes ?? Math.min(64 * MIB, maxBytes / PARTS);
  const db = await Database.open(options.dir);
  const segments = new Segments(
    db,
    { maxBytes, maxAgeMs: options.maxAgeMs ?? WEEK_MS, segmentBytes },
    report,
  );
  try {
    await segments.load();
    await segments.prune();
  } catch (error) {
    db.close();
    throw error;
  }
  return new DuckdbStore(db, segments, { maxRows: Math.ceil(segmentBytes / ROW_BYTES) });
}

class DuckdbStore implements PointStore {
  readonly #db: Database;
  readonly #segments: Segments;
  readonly #writer: Writer;
  readonly #source: Source;
  readonly #listeners = new Map<RowListener, 'log' | 'span' | undefined>();
  readonly #pruning: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  constructor(db: Database, segments: Segments, { maxRows }: { readonly maxRows: number }) {
    this.#db = db;
    this.#segments = segments;
    this.#source = { db, segments };
    this.#writer = new Writer({
      ...{ db, segments, maxRows },
      listening: kind => this.#wanted(kind),
      arrived: arrivals => this.#tell(arrivals),
    });
    this.#pruning = setInterval(() => void this.prune().catch(() => {}), PRUNE_MS).unref();
  }

  writeTraces(traces: DecodedTraces | SpanBatch): Promise<number> {
    const spans = traces instanceof SpanBatch ? traces : toBatch(traces);
    return this.#write({ kind: 'traces', spans });
  }

  writeLogs(groups: DecodedLogs): Promise<number> {
    return this.#write({ kind: 'logs', groups });
  }

  writeMetrics(groups: DecodedMetrics): Promise<number> {
    return this.#write({ kind: 'metrics', groups });
  }

  traces: Store['traces'] = query => queryTraces(this.#source, query);
  trace: Store['trace'] = traceId => queryTrace(this.#source, traceId);
  logs: Store['logs'] = query => queryLogs(this.#source, query);
  metricNames: Store['metricNames'] = range => queryMetricNames(this.#source, range);
  metric: Store['metric'] = query => queryMetric(this.#source, query);
  requests: Store['requests'] = query => queryRequests(this.#source, query);
  points: PointStore['points'] = query => queryPoints(this.#source, query);

  async services(): Promise<readonly ServiceRow[]> {
    const rows = new Map<string, ServiceRow>();
    for (const segment of this.#segments.all) {
      for (const [service, { resource, seen }] of segment.services) {
        const firstSeen = Math.min(seen.from, rows.get(service)?.firstSeen ?? seen.from);
        const lastSeen = Math.max(seen.to, rows.get(service)?.lastSeen ?? seen.to);
        rows.set(service, { service, firstSeen, lastSeen, resource });
      }
    }
    return [...rows.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
  }

  async stats(): Promise<StoreStats> {
    const total = { spans: new Seen(), logs: new Seen(), points: new Seen() };
    for (const { seen } of this.#segments.all) {
      total.spans.merge(seen.spans);
      total.logs.merge(seen.logs);
      total.points.merge(seen.points);
    }
    const oldest = Math.min(total.spans.from, total.logs.from, total.points.from);
    return {
      ...{ bytes: this.#segments.bytes, segments: this.#segments.all.length },
      ...{ spans: total.spans.count, logs: total.logs.count, points: total.points.count },
      oldest: Number.isFinite(oldest) ? oldest : null,
    };
  }

  async prune(): Promise<void> {
    this.#segments.retry();
    await this.#segments.prune();
  }

  onRows(listener: RowListener, kind?: 'log' | 'span'): () => void {
    this.#listeners.set(listener, kind);
    return () => this.#listeners.delete(listener);
  }

  /** Waits for what is being written; a second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#pruning);
    await this.#writer.drained();
    await this.#segments.close();
    this.#db.close();
  }

  async #write(batch: Batch): Promise<number> {
    if (this.#closing !== undefined) throw new StoreError('PLIMSOLL_CLOSED', 'the store');
    return this.#writer.write(batch);
  }

  #wanted(kind: 'log' | 'span'): boolean {
    for (const wanted of this.#listeners.values()) if (wanted === undefined || wanted === kind) return true;
    return false;
  }

  #tell({ spans, logs }: Arrivals): void {
    const spanRows = spans.map(({ item, origin }) => spanRow(item, origin));
    const logRows = logs.map(({ item, origin }) => {
      const { body } = item;
      if (typeof body === 'string') return logRow({ ...item, body }, origin);
      return logRow(
        { ...item, body: body === null ? '' : toJson(body), ...(body !== null && { bodyValue: body }) },
        origin,
      );
    });
    for (const [listener, kind] of this.#listeners) {
      try {
        if (spanRows.length > 0 && kind !== 'log') listener({ kind: 'span', rows: spanRows });
        if (logRows.length > 0 && kind !== 'span') listener({ kind: 'log', rows: logRows });
      } catch {
        // One bad listener never keeps the others, or the writer, from their work.
      }
    }
  }
}
