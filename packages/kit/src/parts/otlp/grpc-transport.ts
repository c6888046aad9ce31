import { decodeResponse } from '@plimsoll/wire';
import type { OtlpSignal } from './gate.ts';
import type { Grpc, GrpcClient, GrpcMetadata } from './grpc-peer.ts';
import { resultOf } from './grpc-status.ts';
import type { TlsFiles } from './tls.ts';
import type { ExportResult, Transport } from './transport.ts';

export interface GrpcTransportOptions {
  readonly grpc: Grpc;
  readonly signal: OtlpSignal;
  /** `host:port`. */
  readonly address: string;
  readonly secure: boolean;
  readonly tls: TlsFiles;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  /** Pauses before the connection is tried again, the first and the longest. */
  readonly firstReconnectMs: number;
  readonly maxReconnectMs: number;
  /** Runs a function outside of any request's context. */
  outside<R>(fn: () => R): R;
}

const SERVICES: Readonly<Record<OtlpSignal, string>> = {
  traces: 'trace.v1.TraceService',
  logs: 'logs.v1.LogsService',
  metrics: 'metrics.v1.MetricsService',
};
/** An answer is a few hundred bytes; what is longer is not one. */
const MAX_ANSWER = 64 * 1024;
const GZIP = 2;
const asIs = (bytes: Buffer): Buffer => bytes;

/** OTLP/gRPC: our protobuf goes out as it is, so no schema is loaded. The connection is opened by the first call. */
export class GrpcTransport implements Transport {
  readonly #options: GrpcTransportOptions;
  readonly #path: string;
  #client: GrpcClient | undefined;
  #metadata: GrpcMetadata | undefined;
  readonly #calls = new Set<{ cancel(): void }>();
  #aborts = 0;

  constructor(options: GrpcTransportOptions) {
    this.#options = options;
    this.#path = `/opentelemetry.proto.collector.${SERVICES[options.signal]}/Export`;
  }

  async send(body: Uint8Array): Promise<ExportResult> {
    try {
      return await this.#options.outside(() => this.#call(body));
    } catch (error) {
      // A header that can't be sent, for one, or a certificate that is none.
      const { code } = error as NodeJS.ErrnoException;
      return { ok: false, code: typeof code === 'string' ? code : 'error', retryable: false };
    }
  }

  abort(): void {
    this.#aborts++;
    for (const call of this.#calls) call.cancel();
    this.#client?.close();
    this.#client = undefined;
  }

  #call(body: Uint8Array): Promise<ExportResult> {
    const aborts = this.#aborts;
    this.#client ??= open(this.#options);
    this.#metadata ??= metadataOf(this.#options);
    const client = this.#client;
    const metadata = this.#metadata;
    return new Promise(resolve => {
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      const deadline = Date.now() + this.#options.timeoutMs;
      const call = client.makeUnaryRequest(
        this.#path,
        asIs,
        asIs,
        bytes,
        metadata,
        { deadline },
        (e, answer) => {
          this.#calls.delete(call);
          if (aborts !== this.#aborts) resolve({ ok: false, code: 'aborted', retryable: false });
          else resolve(e === null ? { ok: true, ...partialSuccess(answer) } : resultOf(e));
        },
      );
      this.#calls.add(call);
    });
  }
}

function open(options: GrpcTransportOptions): GrpcClient {
  const { grpc, secure, tls, address } = options;
  const credentials = secure
    ? grpc.credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null)
    : grpc.credentials.createInsecure();
  return new grpc.Client(address, credentials, {
    'grpc.primary_user_agent': 'plimsoll-otlp',
    // Attempts are ours to count.
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    // Connections of ours end with us, and not with the last client of the process.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': MAX_ANSWER,
    'grpc.initial_reconnect_backoff_ms': options.firstReconnectMs,
    'grpc.max_reconnect_backoff_ms': options.maxReconnectMs,
    ...(options.gzip && { 'grpc.default_compression_algorithm': GZIP }),
  });
}

function metadataOf({ grpc, headers }: GrpcTransportOptions): GrpcMetadata {
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    metadata.set(key, key.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
  }
  return metadata;
}

function partialSuccess(answer: Buffer | undefined): { rejected: number; message: string } {
  try {
    const partial = answer && decodeResponse(answer);
    if (partial && Number.isSafeInteger(partial.rejected) && partial.rejected >= 0) return partial;
  } catch {
    // OK means taken, whatever nonsense the answer holds.
  }
  return { rejected: 0, message: '' };
}
