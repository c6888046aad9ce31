import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type DecodedLog,
  type DecodedMetric,
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  type Resource,
  type ResourceGroup,
  type SpanRecord,
} from '@plimsoll/wire';

export interface Collector {
  readonly url: string;
  readonly spans: SpanRecord[];
  readonly logs: DecodedLog[];
  readonly metrics: DecodedMetric[];
  readonly resources: Resource[];
  /** The bodies as they came, for a search. */
  readonly raw: Buffer[];
}

/** A collector on the loopback that reads OTLP over HTTP, protobuf, and answers as one that is well. */
export async function startCollector(t: TestContext): Promise<Collector> {
  const { spans, logs, metrics, resources, raw }: Omit<Collector, 'url'> = {
    ...{ spans: [], logs: [], metrics: [], resources: [], raw: [] },
  };
  const keep = <T>(into: T[], groups: readonly ResourceGroup<T>[]) => {
    for (const { resource, scopes } of groups) {
      resources.push(resource);
      for (const { items } of scopes) into.push(...items);
    }
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      raw.push(body);
      if (request.url === '/v1/traces') keep(spans, decodeTraces(body));
      if (request.url === '/v1/logs') keep(logs, decodeLogs(body));
      if (request.url === '/v1/metrics') keep(metrics, decodeMetrics(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, spans, logs, metrics, resources, raw };
}

/** Waits for something to become true; the limit is only there to fail instead of hanging. */
export async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (what()) return;
    await delay(10);
  }
  throw new Error(`never true: ${what}`);
}
