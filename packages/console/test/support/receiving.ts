import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivacy } from '@plimsoll/privacy';
import type { ErrorCode } from '@plimsoll/wire';
import { createReceiver, type Receiver, type ReceiverOptions } from '../../src/receiver/receiver.ts';
import { openDuckdbStore } from '../../src/store/duckdb/store.ts';
import type { PointStore } from '../../src/store/types.ts';

export const privacy = createPrivacy({ key: new Uint8Array(32).fill(7) });

export interface Receiving {
  readonly receiver: Receiver;
  readonly store: PointStore;
  readonly reports: readonly (readonly [ErrorCode, string])[];
  readonly dir: string;
  post(
    path: string,
    body: Uint8Array | ReadableStream | string,
    headers?: Record<string, string>,
  ): Promise<Response>;
}

type Test = { after(fn: () => unknown): void };

/** A receiver with a store of its own, both gone after the test. */
export async function receive(t: Test, options: Partial<ReceiverOptions> = {}): Promise<Receiving> {
  const dir = await mkdtemp(join(tmpdir(), 'plimsoll-receiver-'));
  const store = await openDuckdbStore({ dir });
  const reports: [ErrorCode, string][] = [];
  const receiver = await createReceiver({
    ...{ store, privacy, http: { port: 0 }, grpc: { port: 0 } },
    report: (code, detail) => reports.push([code, detail]),
    ...options,
  });
  t.after(async () => {
    await receiver.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  const post: Receiving['post'] = (path, body, headers = {}) =>
    fetch(receiver.httpUrl + path, {
      ...{ method: 'POST', body, duplex: 'half' },
      headers: { 'Content-Type': 'application/x-protobuf', ...headers },
    } as RequestInit);
  return { receiver, store, reports, dir, post };
}

/** All rows of everything, as one text: to prove that something is in none of them. */
export async function everything(store: PointStore): Promise<string> {
  const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const traces = (await store.traces({ limit: 1000 })).items;
  const spans = await Promise.all(traces.map(one => store.trace(one.traceId)));
  const names = await store.metricNames(range);
  const points = await Promise.all(names.map(({ name }) => store.points({ name, limit: 1000 })));
  const all = [
    traces,
    spans,
    (await store.logs({ limit: 1000 })).items,
    names,
    points,
    await store.services(),
  ];
  const odd = (_: string, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
  };
  return JSON.stringify(all, odd);
}
