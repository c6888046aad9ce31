import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { decodeResponse, encodeLogs, encodeMetrics, encodeTraces } from '@plimsoll/wire';
import { log, logs, metrics, span, traces } from '../store/contract.ts';
import { type Receiving, receive } from '../support/receiving.ts';

type Answer = { readonly error?: grpc.ServiceError; readonly body?: Buffer };

function client(t: TestContext, { receiver }: Receiving) {
  const peer = new grpc.Client(new URL(receiver.grpcUrl!).host, grpc.credentials.createInsecure());
  t.after(() => peer.close());
  const same = (bytes: Buffer) => bytes;
  return (signal: string, body: Uint8Array, metadata = new grpc.Metadata()): Promise<Answer> => {
    const name = `${signal[0]!.toUpperCase()}${signal.slice(1)}Service`;
    const path = `/opentelemetry.proto.collector.${signal}.v1.${name}/Export`;
    return new Promise(done => {
      peer.makeUnaryRequest(path, same, same, Buffer.from(body), metadata, (error, answer) =>
        done({ ...(error && { error }), ...(answer && { body: answer }) }),
      );
    });
  };
}

test('all three signals are taken over gRPC', async t => {
  const receiving = await receive(t);
  const send = client(t, receiving);
  const gauge = {
    ...{ name: 'g', description: '', unit: '', type: 'gauge' as const },
    points: [{ attributes: {}, startTime: 0, time: 5, flags: 0, value: 1, integer: true, exemplars: [] }],
  };
  const taken = [
    await send('trace', encodeTraces(traces('a', span(1), span(2, { traceId: '' })))),
    await send('logs', encodeLogs(logs('a', log(1)))),
    await send('metrics', encodeMetrics(metrics('a', gauge))),
  ];
  assert.deepEqual(
    taken.map(one => one.error),
    [undefined, undefined, undefined],
  );
  assert.equal(decodeResponse(taken[0]!.body!)?.rejected, 1);
  const { spans, logs: lines, points } = await receiving.store.stats();
  assert.deepEqual([spans, lines, points], [1, 1, 1]);
});

test('a malformed message is InvalidArgument, one that is too large ResourceExhausted', async t => {
  const receiving = await receive(t, { maxBytes: 1000 });
  const send = client(t, receiving);
  const malformed = await send('trace', new Uint8Array([0x0a, 0x7f]));
  assert.equal(malformed.error?.code, grpc.status.INVALID_ARGUMENT);
  const large = await send('trace', new Uint8Array(2000));
  assert.equal(large.error?.code, grpc.status.RESOURCE_EXHAUSTED);
  assert.equal((await send('profiles', new Uint8Array(0))).error?.code, grpc.status.UNIMPLEMENTED);
});

test('a full receiver is ResourceExhausted with a RetryInfo, a store that fails is Unavailable', async t => {
  const full = await receive(t, { maxPendingBytes: 0 });
  const { error } = await client(t, full)('trace', encodeTraces(traces('a', span(1))));
  assert.equal(error?.code, grpc.status.RESOURCE_EXHAUSTED);
  const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
  assert.ok(Buffer.isBuffer(details) && details.includes('google.rpc.RetryInfo'));
  const writeTraces = () => Promise.reject(new Error('no'));
  const failing = await receive(t, { store: { ...full.store, writeTraces } });
  const answer = await client(t, failing)('trace', encodeTraces(traces('a', span(1))));
  assert.equal(answer.error?.code, grpc.status.UNAVAILABLE);
});
