import type { DecodedLog, DecodedLogs, DecodedMetrics, SpanRecord } from '@plimsoll/wire';
import { StoreError } from '../error.ts';
import type { SpanBatch } from '../span-batch.ts';
import { appendLogs, appendMetrics, appendSpans, createTables, type Taken } from './append.ts';
import type { Database } from './database.ts';
import type { Segment } from './segment.ts';
import type { Segments } from './segments.ts';
import type { Table } from './table.ts';

export type Batch =
  | { readonly kind: 'traces'; readonly spans: SpanBatch }
  | { readonly kind: 'logs'; readonly groups: DecodedLogs }
  | { readonly kind: 'metrics'; readonly groups: DecodedMetrics };

interface Job {
  readonly batch: Batch;
  readonly size: number;
  done(rows: number): void;
  failed(error: unknown): void;
}

/** What went in with one commit, collected only while somebody listens. */
export interface Arrivals {
  readonly spans: Taken<SpanRecord>[];
  readonly logs: Taken<DecodedLog & { seq: number }>[];
}

export interface WriterOptions {
  readonly db: Database;
  readonly segments: Segments;
  /** Rows of one commit, about; more wait for the next. */
  readonly maxRows: number;
  /** Who wants the rows of this commit, if anybody. */
  listening(kind: 'log' | 'span'): boolean;
  arrived(arrivals: Arrivals): void;
}

/**
 * Writes one group of exports after the other, each group in one transaction: whatever comes while one is on its way
 * to the disk goes with the next, so a commit costs the less per row the more there is to do.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #tables = createTables();
  readonly #queue: Job[] = [];
  #running: Promise<void> | undefined;
  #seq: number;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#seq = options.segments.lastSeq + 1;
  }

  write(batch: Batch): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#queue.push({ batch, size: sizeOf(batch), done: resolve, failed: reject });
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return promise;
  }

  /** Resolves when nothing waits. */
  async drained(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // What comes in the same turn goes together.
    await new Promise(setImmediate);
    while (this.#queue.length > 0) {
      const group = this.#take();
      try {
        const rows = await this.#commit(group);
        group.forEach((job, i) => {
          job.done(rows[i]!);
        });
      } catch (error) {
        const detail = error instanceof Error ? error.message.split('\n')[0]! : String(error);
        const failure = new StoreError('PLIMSOLL_STORE_WRITE', detail, { cause: error });
        for (const job of group) job.failed(failure);
      }
    }
  }

  #take(): readonly Job[] {
    let rows = 0;
    let count = 0;
    while (
      count < this.#queue.length &&
      (count === 0 || rows + this.#queue[count]!.size <= this.#options.maxRows)
    ) {
      rows += this.#queue[count]!.size;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(group: readonly Job[]): Promise<readonly number[]> {
    const { db, segments } = this.#options;
    const segment = await segments.active();
    const { listening } = this.#options;
    const spans: Arrivals['spans'] | undefined = listening('span') ? [] : undefined;
    const taken: Arrivals['logs'] | undefined = listening('log') ? [] : undefined;
    const logs = { seq: this.#seq, now: Date.now(), taken };
    let rows: readonly number[] = [];
    try {
      await segment.use(() =>
        db.transaction(async append => {
          const open = async (table: Table) => {
            if (!table.open) table.begin(await append(segment.at, table.name));
          };
          for (const kind of new Set(group.map(job => job.batch.kind))) await open(this.#tables[TABLE[kind]]);
          rows = group.map(job => this.#append(job.batch, segment, { logs, spans }));
          await this.#endDictionary(segment, open);
          for (const table of Object.values(this.#tables)) table.end();
        }),
      );
    } catch (error) {
      for (const table of Object.values(this.#tables)) table.drop();
      segment.takeBack();
      await segments.doubt(segment);
      throw error;
    }
    this.#seq = logs.seq;
    segment.kept();
    segment.lastSeq = this.#seq - 1;
    if (segments.full) await segments.prune();
    if (spans ?? taken) this.#options.arrived({ spans: spans ?? [], logs: taken ?? [] });
    return rows;
  }

  #append(
    batch: Batch,
    segment: Segment,
    to: { logs: Parameters<typeof appendLogs>[3]; spans: Taken<SpanRecord>[] | undefined },
  ): number {
    if (batch.kind === 'traces') return appendSpans(this.#tables.spans, segment, batch.spans, to.spans);
    if (batch.kind === 'logs') return appendLogs(this.#tables.logs, segment, batch.groups, to.logs);
    return appendMetrics(this.#tables.points, segment, batch.groups);
  }

  async #endDictionary(segment: Segment, open: (table: Table) => Promise<void>): Promise<void> {
    const { fresh } = segment.dictionary;
    for (const name of ['origins', 'series'] as const) {
      if (fresh[name].length === 0) continue;
      const table = this.#tables[name];
      await open(table);
      for (const { row } of fresh[name]) {
        const at = table.next();
        row.forEach((value, i) => {
          table.columns[i]!.setItem(at, value);
        });
      }
    }
  }
}

const TABLE = { traces: 'spans', logs: 'logs', metrics: 'points' } as const;

function sizeOf(batch: Batch): number {
  if (batch.kind === 'traces') return batch.spans.count;
  let size = 0;
  for (const group of batch.groups) for (const scope of group.scopes) size += scope.items.length;
  return size;
}
