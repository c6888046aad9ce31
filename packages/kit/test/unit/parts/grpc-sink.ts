import {
  type sendUnaryData as Done,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { decodeTraces, encodeResponse } from '@plimsoll/wire';

type Call = ServerUnaryCall<Buffer, Buffer>;

export interface GrpcReceived {
  readonly service: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

export interface GrpcSink {
  readonly port: number;
  readonly received: GrpcReceived[];
  /** What it answers; default OK and nothing. */
  reply: (done: Done<Buffer>, count: number) => void;
  names(): string[];
  close(): Promise<void>;
}

const SERVICES = ['trace.v1.TraceService', 'logs.v1.LogsService', 'metrics.v1.MetricsService'];
const bytes = (value: Buffer): Buffer => value;

/** A collector over gRPC that keeps what it is sent. */
export async function openGrpcSink(
  credentials = ServerCredentials.createInsecure(),
  port = 0,
): Promise<GrpcSink> {
  const received: GrpcReceived[] = [];
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  for (const service of SERVICES) {
    const path = `/opentelemetry.proto.collector.${service}/Export`;
    const plan = {
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      responseSerialize: bytes,
    };
    const definition = {
      path,
      originalName: 'export',
      requestDeserialize: bytes,
      responseDeserialize: bytes,
      ...plan,
    };
    server.addService(
      { Export: definition },
      {
        Export: (call: Call, done: Done<Buffer>) => {
          received.push({ service, metadata: call.metadata.getMap(), body: call.request });
          sink.reply(done, received.length);
        },
      },
    );
  }
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, taken) =>
      error ? reject(error) : resolve(taken),
    );
  });
  const sink: GrpcSink = {
    port: bound,
    received,
    reply: done => done(null, Buffer.alloc(0)),
    names: () =>
      received
        .filter(({ service }) => service === SERVICES[0])
        .flatMap(({ body }) => decodeTraces(body))
        .flatMap(({ scopes }) => scopes.flatMap(({ items }) => items.map(({ name }) => name))),
    close: async () => server.forceShutdown(),
  };
  return sink;
}

export function partial(rejected: number, message: string): Buffer {
  return Buffer.from(encodeResponse({ rejected, message }));
}

/** Trailers that say when to come back, as `google.rpc.Status` with a `RetryInfo`. */
export function retryInfo(ms: number): Metadata {
  const duration = message([varint(1, Math.floor(ms / 1000)), varint(2, (ms % 1000) * 1e6)]);
  const type = 'type.googleapis.com/google.rpc.RetryInfo';
  const other = field(3, message([field(1, Buffer.from('type.googleapis.com/google.rpc.Help'))]));
  const any = message([field(1, Buffer.from(type)), field(2, field(1, duration))]);
  const metadata = new Metadata();
  metadata.set(
    'grpc-status-details-bin',
    message([varint(1, 8), field(2, Buffer.from('busy')), other, field(3, any)]),
  );
  return metadata;
}

const message = (parts: readonly Buffer[]): Buffer => Buffer.concat(parts);
const field = (number: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), raw(value.length), value]);
const varint = (number: number, value: number): Buffer =>
  Buffer.concat([Buffer.from([number << 3]), raw(value)]);

function raw(value: number): Buffer {
  const digits: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) digits.push((rest % 128) | 128);
  return Buffer.from([...digits, rest]);
}
