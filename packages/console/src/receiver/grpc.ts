import type { Server, ServerUnaryCall, ServiceDefinition, sendUnaryData } from '@grpc/grpc-js';
import { encodeResponse } from '@plimsoll/wire';
import type { Intake, Signal } from './intake.ts';
import { CODE, encodeStatus } from './status.ts';

export interface GrpcOptions {
  readonly intake: Intake;
  /** Of a message as it comes and as it unpacks. */
  readonly maxBytes: number;
}

const SERVICES: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
};
const DETAILS = 'grpc-status-details-bin';
const RETRY_SECONDS = 1;

type Grpc = typeof import('@grpc/grpc-js');

/** OTLP over gRPC: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc. */
export function createGrpcServer(grpc: Grpc, options: GrpcOptions): Server {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': options.maxBytes,
    'grpc.max_concurrent_streams': 256,
  });
  for (const [signal, name] of Object.entries(SERVICES) as [Signal, string][]) {
    server.addService(definition(name), {
      Export: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
        take(grpc, options.intake, { signal, body: call.request }).then(
          answer => done(null, answer),
          error => done(error),
        );
      },
    });
  }
  return server;
}

/** Messages pass as the bytes they are: the reader of HTTP's bodies reads them too. */
function definition(name: string): ServiceDefinition {
  const same = (bytes: Buffer) => bytes;
  return {
    Export: {
      ...{ path: `/${name}/Export`, requestStream: false, responseStream: false },
      ...{
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
  };
}

async function take(grpc: Grpc, intake: Intake, message: { signal: Signal; body: Buffer }): Promise<Buffer> {
  const fail = (code: number, text: string, retrySeconds?: number) => {
    const metadata = new grpc.Metadata();
    metadata.set(DETAILS, encodeStatus(code, text, retrySeconds));
    return Object.assign(new Error(text), { code, details: text, metadata });
  };
  const { signal, body } = message;
  if (intake.full) throw fail(CODE.resourceExhausted, 'the receiver is full', RETRY_SECONDS);
  intake.hold(body.length);
  try {
    const outcome = await intake.take(signal, body, 'protobuf');
    if (outcome.kind === 'taken') return Buffer.from(encodeResponse(outcome.partial));
    if (outcome.kind === 'malformed') throw fail(CODE.invalidArgument, outcome.message);
    throw fail(CODE.unavailable, 'the store could not write', RETRY_SECONDS);
  } finally {
    intake.hold(-body.length);
  }
}
