import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import type { Privacy } from '@plimsoll/privacy';
import { type Report, toStandardError } from '../store/error.ts';
import type { Store } from '../store/types.ts';
import { createGrpcServer } from './grpc.ts';
import { createHttpServer } from './http.ts';
import { Intake } from './intake.ts';

export interface Address {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes a free one; one that is taken falls back to a free one, and says so. */
  readonly port: number;
}

export interface ReceiverOptions {
  readonly store: Store;
  /** What stands between a sender and the store. */
  readonly privacy: Privacy;
  readonly http: Address;
  /** Without it there is no gRPC. */
  readonly grpc?: Address;
  /** Of one export, as it comes and as it unpacks; default 20 MiB, as a Collector has it. */
  readonly maxBytes?: number;
  /** For a whole HTTP request; default 30 s. */
  readonly timeoutMs?: number;
  /** Of all exports that are not stored yet; default 64 MiB. */
  readonly maxPendingBytes?: number;
  /** Origins whose pages may send over HTTP; default none. */
  readonly corsOrigins?: readonly string[];
  readonly report?: Report;
}

export interface Receiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`, without a path. */
  readonly httpUrl: string;
  readonly grpcUrl?: string;
  /** Stops listening and waits for what was begun. */
  close(): Promise<void>;
}

const MIB = 2 ** 20;
const HOST = '127.0.0.1';
/** After it what a sender still holds open is cut. */
const CLOSE_MS = 2000;

/** Takes OTLP over HTTP and gRPC, redacts it and hands it to the store; an export is answered once it is stored. */
export async function createReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { store, privacy, report = toStandardError, maxBytes = 20 * MIB } = options;
  const intake = new Intake({ store, privacy, maxPendingBytes: options.maxPendingBytes ?? 64 * MIB });
  const http = createHttpServer({
    ...{ intake, maxBytes, timeoutMs: options.timeoutMs ?? 30_000, corsOrigins: options.corsOrigins ?? [] },
  });
  const httpUrl = await listenOr(options.http, report, address => listen(http, address));
  if (options.grpc === undefined) return { httpUrl, close: () => closeHttp(http) };
  try {
    const grpc = await openGrpc(options.grpc, { intake, maxBytes, report });
    const close = async () => void (await Promise.all([closeHttp(http), grpc.close()]));
    return { httpUrl, grpcUrl: grpc.url, close };
  } catch (error) {
    await closeHttp(http);
    throw error;
  }
}

async function openGrpc(
  wanted: Address,
  { report, ...options }: { intake: Intake; maxBytes: number; report: Report },
): Promise<{ url: string; close(): Promise<void> }> {
  const grpc = await import('@grpc/grpc-js');
  const open = async ({ host = HOST, port }: Address) => {
    await mustBeFree({ host, port });
    const server = createGrpcServer(grpc, options);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync(
      `${bracketed(host)}:${port}`,
      grpc.ServerCredentials.createInsecure(),
      (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      },
    );
    return { server, url: `http://${bracketed(host)}:${await promise}` };
  };
  let opened: Awaited<ReturnType<typeof open>> | undefined;
  const url = await listenOr(wanted, report, async address => {
    opened = await open(address);
    return opened.url;
  });
  const close = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => opened?.server.forceShutdown(), CLOSE_MS).unref();
    opened?.server.tryShutdown(() => resolve());
    await promise;
    clearTimeout(timer);
  };
  return { url, close };
}

/** The gRPC library writes to standard error where a port is taken, so it is tried before. */
async function mustBeFree({ host = HOST, port }: Address): Promise<void> {
  const probe = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  probe.once('error', reject);
  probe.listen({ host, port }, () => probe.close(() => resolve()));
  await promise;
}

async function listenOr(
  wanted: Address,
  report: Report,
  open: (address: Address) => Promise<string>,
): Promise<string> {
  try {
    return await open(wanted);
  } catch (error) {
    const taken = wanted.port !== 0 && /EADDRINUSE|No address added/.test(String(error));
    if (!taken) throw error;
    const url = await open({ ...wanted, port: 0 });
    report('PLIMSOLL_PORT_TAKEN', `${wanted.port}; listening at ${url}`);
    return url;
  }
}

function listen(server: Server, { host = HOST, port }: Address): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  server.once('error', reject);
  server.listen({ host, port }, () => {
    server.removeListener('error', reject);
    resolve(`http://${bracketed(host)}:${(server.address() as AddressInfo).port}`);
  });
  return promise;
}

async function closeHttp(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS).unref();
  await promise;
  clearTimeout(timer);
}

/** An IPv6 address in a URL. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
