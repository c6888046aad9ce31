import { optional } from '../../base/optional.ts';
import type { Config } from '../../config/load.ts';
import { GRPC_PACKAGE, otlpTarget } from '../../config/otlp-target.ts';
import type { Encoders } from './encode.ts';
import type { OtlpSignal } from './gate.ts';
import type { Grpc } from './grpc-peer.ts';
import type { GrpcTransport } from './grpc-transport.ts';
import { HttpTransport } from './http-transport.ts';
import type { LaneSource } from './lanes.ts';
import { RetryTransport } from './retry.ts';
import { SignalStats } from './stats.ts';
import { tlsFiles } from './tls.ts';
import type { Transport } from './transport.ts';

/** The optional peer, and our transport over it. */
export interface GrpcSpeaker {
  readonly grpc: Grpc;
  readonly Transport: typeof GrpcTransport;
}

/** The way of one signal to its collector. */
export interface Link {
  readonly endpoint: string;
  readonly stats: SignalStats;
  readonly transport: RetryTransport;
  readonly encoders: Encoders;
}

/** gRPC's code, a thousand times ours, is loaded only where a signal needs it. */
export async function loadGrpc(config: Config): Promise<GrpcSpeaker | undefined> {
  const needed = (['traces', 'logs', 'metrics'] as const).some(
    signal => otlpTarget(config, signal)?.kind === 'grpc',
  );
  if (!needed) return undefined;
  const [grpc, { GrpcTransport }] = await Promise.all([
    optional<Grpc>(GRPC_PACKAGE),
    import('./grpc-transport.ts'),
  ]);
  return grpc && { grpc, Transport: GrpcTransport };
}

/** A connection with retries, and the count of what it did. */
export function link(source: LaneSource, signal: OtlpSignal): Link {
  const { kit, tuning, encoders } = source;
  const stats = new SignalStats(kit, signal);
  const { endpoint, inner, json } = connect(source, signal);
  const transport = new RetryTransport(inner, {
    firstMs: tuning.firstRetryMs,
    maxMs: tuning.maxRetryMs,
    totalMs: tuning.retryForMs,
    failed: code => stats.failed(code),
  });
  return { endpoint, stats, transport, encoders: encoders[json ? 'json' : 'protobuf'] };
}

interface Connection {
  readonly endpoint: string;
  readonly inner: Transport;
  readonly json: boolean;
}

function connect({ kit, tuning, grpc }: LaneSource, signal: OtlpSignal): Connection {
  const { config } = kit;
  const target = otlpTarget(config, signal)!;
  const common = {
    headers: { ...config.get('otlp.headers'), ...config.get(`otlp.${signal}Headers`) },
    gzip: (config.get(`otlp.${signal}Compression`) ?? config.get('otlp.compression')) === 'gzip',
    timeoutMs: config.get(`otlp.${signal}TimeoutMs`) ?? config.get('otlp.timeoutMs'),
    tls: tlsFiles(config, signal),
    outside: <R>(fn: () => R): R => kit.context.exit(fn),
  };
  if (target.kind === 'grpc') {
    const { address, secure, login } = target;
    const { Transport, grpc: peer } = grpc!;
    const headers = { ...(login && { authorization: basic(login) }), ...common.headers };
    const inner = new Transport({
      ...{ ...common, headers, grpc: peer, signal, address, secure },
      firstReconnectMs: tuning.firstRetryMs,
      maxReconnectMs: tuning.maxRetryMs,
    });
    return { endpoint: address, inner, json: false };
  }
  const json = (config.get(`otlp.${signal}Protocol`) ?? config.get('otlp.protocol')) === 'http/json';
  const { host, pathname } = new URL(target.url);
  return {
    endpoint: host + pathname,
    inner: new HttpTransport({ ...common, url: target.url, json }),
    json,
  };
}

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}
