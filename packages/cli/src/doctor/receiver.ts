import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeLogs, decodeMetrics, decodeTraces } from '@plimsoll/wire';

/** A collector on loopback that remembers the names and ids of what it is sent, and nothing else. */
export interface Receiver {
  readonly url: string;
  /** `span ID`, `metric NAME LABEL…`, `log BODY VALUE…`. */
  has(signal: string): boolean;
  /** Resolves true when it has all of them, false after the time. */
  wait(signals: readonly string[], ms: number): Promise<boolean>;
  close(): Promise<void>;
}

const PORT_OF_NOBODY = 0;
const MAX_BYTES = 4 * 1024 * 1024;

export async function openReceiver(): Promise<Receiver> {
  const seen = new Set<string>();
  const woken = new Set<() => void>();
  const server = createServer((request, response) => {
    void read(request).then(body => {
      try {
        for (const one of signalsOf(request.url ?? '', body)) seen.add(one);
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      } catch {
        response.writeHead(400).end();
      }
      for (const wake of woken) wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(PORT_OF_NOBODY, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    has: signal => seen.has(signal),
    wait(signals, ms) {
      const all = (): boolean => signals.every(signal => seen.has(signal));
      return new Promise(resolve => {
        const end = (): void => {
          clearTimeout(timer);
          woken.delete(wake);
          resolve(all());
        };
        const wake = (): void => {
          if (all()) end();
        };
        const timer = setTimeout(end, ms);
        woken.add(wake);
        wake();
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function signalsOf(path: string, body: Buffer): readonly string[] {
  if (path === '/v1/traces') return items(decodeTraces(body)).map(({ spanId }) => `span ${spanId}`);
  if (path === '/v1/logs') {
    return items(decodeLogs(body)).flatMap(({ body: text, attributes }) =>
      Object.values(attributes).map(value => `log ${String(text)} ${String(value)}`),
    );
  }
  return items(decodeMetrics(body)).flatMap(metric => [`metric ${metric.name} ${labelOf(metric)}`]);
}

function items<T>(
  groups: readonly { readonly scopes: readonly { readonly items: readonly T[] }[] }[],
): readonly T[] {
  return groups.flatMap(({ scopes }) => scopes.flatMap(scope => scope.items));
}

function labelOf(metric: object): string {
  const { points = [] } = metric as { points?: readonly { attributes?: Record<string, unknown> }[] };
  return points.flatMap(({ attributes = {} }) => Object.values(attributes)).join(' ');
}
