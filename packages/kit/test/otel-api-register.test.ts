import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { context, metrics, propagation, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import type { SpanRecord } from '@plimsoll/wire';
import { init } from '../src/app/init.ts';
import type { Obs } from '../src/app/obs.ts';

const BASE = {
  service: 'otel-test',
  env: 'test',
  log: { stdout: false },
  drain: { enabled: false },
} as const;
const open: Obs[] = [];
const start = async (options: object = {}): Promise<Obs> => {
  const obs = await init({ ...BASE, trace: { enabled: true }, ...options });
  open.push(obs);
  return obs;
};
afterEach(async () => {
  for (const obs of open.splice(0)) await obs.close();
  trace.disable();
});

const isOurs = (): boolean => {
  const span = trace.getTracerProvider().getTracer('probe').startSpan('probe');
  span.end();
  return trace.isSpanContextValid(span.spanContext());
};
const injects = (): boolean => propagation.fields().length > 0;
const keeps = (): boolean =>
  context.with(ROOT_CONTEXT.setValue(Symbol.for('k'), 1), () => context.active()) !== ROOT_CONTEXT;
const counts = (): boolean => metrics.getMeterProvider().getMeter('m').constructor.name !== 'NoopMeter';
const state = () => [isOurs(), injects(), keeps(), counts()];
const NONE = [false, false, false, false];
const ALL = [true, true, true, true];

describe('registering with OpenTelemetry’s API', () => {
  it('is not done unless it is asked for', async () => {
    await start();
    assert.deepEqual(state(), NONE);
  });

  it('is done by the option, until the kit closes', async () => {
    const obs = await start({ otel: { register: true } });
    assert.deepEqual(state(), ALL);
    await obs.close();
    assert.deepEqual(state(), NONE);
  });

  it('is done by a call, once', async () => {
    const obs = await start();
    assert.deepEqual(await Promise.all([obs.otel.register(), obs.otel.register()]), [true, true]);
    assert.deepEqual(state(), ALL);
    assert.equal(await obs.otel.register(), true);
  });

  it('is done already where both the option and a call ask for it', async () => {
    const obs = await start({ otel: { register: true } });
    assert.equal(await obs.otel.register(), true);
  });

  it('gives way to an SDK that is there, and leaves nothing of ours behind', async () => {
    const obs = await start();
    trace.setGlobalTracerProvider({
      getTracer: () =>
        ({ startSpan: () => trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 }) }) as never,
    });
    await assert.rejects(obs.otel.register(), { code: 'PLIMSOLL_OTEL_API' });
    assert.deepEqual([injects(), keeps(), counts()], [false, false, false]);
    trace.disable();
    assert.equal(await obs.otel.register(), true);
  });

  it('that the option asked for and could not be done is a finding, and the service starts', async () => {
    const first = await start({ otel: { register: true } });
    const second = await start({ otel: { register: true } });
    assert.deepEqual(
      second.health.findings().filter(({ field }) => field === 'otel.register'),
      [{ field: 'otel.register', code: 'otel_api_unavailable' }],
    );
    assert.deepEqual(first.health.findings(), []);
    await second.close();
    assert.deepEqual(state(), ALL);
  });

  it('does nothing where observability is off', async () => {
    const obs = await start({ enabled: false, otel: { register: true } });
    assert.equal(await obs.otel.register(), false);
    assert.deepEqual(state(), NONE);
  });

  it('leaves the API’s meters alone where metrics are off', async () => {
    await start({ otel: { register: true }, metrics: { enabled: false } });
    assert.deepEqual(state(), [true, true, true, false]);
  });
});

it('a request’s span is the parent of what the API makes in it, and takes what the API sets on it', async () => {
  const obs = await start({ otel: { register: true } });
  const spans: SpanRecord[] = [];
  obs.on('span', span => void spans.push(span));
  let active: Span | undefined;
  const server = createServer(
    obs.handler(async (_req, res) => {
      const tracer = trace.getTracerProvider().getTracer('app');
      active = trace.getActiveSpan();
      active?.setAttribute('from', 'api').end();
      assert.equal(active?.isRecording(), true);
      await tracer.startActiveSpan('work', async span => {
        await null;
        obs.trace.span('ours', () => tracer.startSpan('leaf').end());
        span.end();
      });
      res.end('ok');
    }),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await new Promise(resolve =>
    request({ port, headers: { traceparent: parent } }, res => res.resume().on('close', resolve)).end(),
  );
  await new Promise(resolve => server.close(resolve));
  const find = (match: (span: SpanRecord) => boolean) => spans.find(match) as SpanRecord;
  const root = find(span => span.spanKind === 'server');
  assert.equal(root.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
  assert.equal(root.attributes['from'], 'api');
  assert.equal(find(({ name }) => name === 'work').parentSpanId, root.spanId);
  assert.equal(find(({ name }) => name === 'ours').parentSpanId, find(({ name }) => name === 'work').spanId);
  assert.equal(find(({ name }) => name === 'leaf').parentSpanId, find(({ name }) => name === 'ours').spanId);
  assert.equal(active?.isRecording(), false);
  assert.equal(active?.spanContext().spanId, root.spanId);
});
