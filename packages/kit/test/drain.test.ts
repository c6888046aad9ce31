import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { describe, it } from 'node:test';
import { decodeTraces } from '@plimsoll/wire';
import { get, hold, type Service, start } from './drain/service.ts';
import { openSink } from './unit/parts/support.ts';

const STEPS = ['ready', 'delay', 'stop', 'finish', 'flush'];
const LONG = { OBS_DRAIN_DELAY_MS: '60000' };
const NO_DELAY = { OBS_DRAIN_DELAY_MS: '0' };
const TERMINATED = [null, 'SIGTERM'];

const refused = (service: Service) => assert.rejects(get(service.port), { code: 'ECONNREFUSED' });

describe('a signal', { concurrency: 3 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal} goes through every step, and the process dies of it`, async () => {
      const service = await start(NO_DELAY);
      service.child.kill(signal);
      assert.deepEqual(await service.ended, [null, signal]);
      assert.deepEqual(service.steps(), STEPS);
      assert.equal((await service.line('drain_started'))['reason'], signal);
      assert.equal(service.lines.at(-1)?.msg, 'drain_done');
    });
  }

  it('turns ready to 503 while requests are still answered, each closing its connection', async () => {
    const service = await start(LONG);
    assert.equal((await get(service.port, '/health/ready')).status, 200);
    const kept = new Agent({ keepAlive: true });
    assert.equal((await get(service.port, '/', kept)).connection, 'keep-alive');
    service.child.kill('SIGTERM');
    await service.line('drain_started');
    const ready = await get(service.port, '/health/ready');
    assert.equal(ready.status, 503);
    assert.equal(JSON.parse(ready.body).error, 'draining');
    assert.equal((await get(service.port, '/health/live')).status, 200);
    assert.deepEqual(await get(service.port, '/', kept), { status: 200, connection: 'close', body: 'hello' });
    kept.destroy();
  });

  it('lets what is under way finish, and accepts nothing new meanwhile', async () => {
    const service = await start(NO_DELAY);
    const silent = await hold(service.port, '/silent');
    const started = await hold(service.port, '/started');
    const kept = new Agent({ keepAlive: true });
    await get(service.port, '/', kept);
    service.child.kill('SIGTERM');
    await service.step('stop');
    await refused(service);
    silent.end();
    started.end();
    assert.equal((await silent.answer).body, 'hello');
    assert.equal((await started.answer).body, '…hello');
    assert.deepEqual(await service.ended, TERMINATED);
    assert.equal(service.lines.filter(({ msg }) => msg === 'http_request').length, 3);
    kept.destroy();
  });

  it('cuts what does not finish in time, and says so', async () => {
    const service = await start({ ...NO_DELAY, OBS_DRAIN_FINISH_MS: '100' });
    const { answer } = await hold(service.port, '/silent');
    service.child.kill('SIGTERM');
    await assert.rejects(answer);
    assert.deepEqual(await service.ended, TERMINATED);
    const line = service.lines.find(({ step }) => step === 'finish');
    assert.deepEqual(
      [line?.['level'], line?.['timed_out'], line?.['connections'], line?.['deadline_ms']],
      ['warn', true, 1, 100],
    );
    assert.ok(service.lines.some(({ msg, aborted }) => msg === 'http_request' && aborted));
  });

  it('that comes again ends the process at once', async () => {
    const service = await start(LONG);
    const { answer } = await hold(service.port, '/silent');
    service.child.kill('SIGTERM');
    await service.line('drain_started');
    service.child.kill('SIGINT');
    assert.deepEqual(await service.ended, [130, null]);
    await assert.rejects(answer);
    assert.deepEqual(service.steps(), ['ready']);
  });

  it('twice within a moment is one, as npm passes Ctrl-C on', async () => {
    const service = await start(NO_DELAY);
    const { answer, end } = await hold(service.port, '/silent');
    service.child.kill('SIGINT');
    service.child.kill('SIGINT');
    await service.step('stop');
    end();
    assert.equal((await answer).status, 200);
    assert.deepEqual(await service.ended, [null, 'SIGINT']);
  });

  it('can be another one, and then the usual ones only flush', async () => {
    const options = { ...NO_DELAY, OBS_DRAIN_SIGNALS: 'SIGUSR2,NONSENSE' };
    const other = await start(options);
    other.child.kill('SIGUSR2');
    assert.deepEqual(await other.ended, [null, 'SIGUSR2']);
    assert.deepEqual(other.steps(), STEPS);
    const usual = await start(options);
    usual.child.kill('SIGTERM');
    assert.deepEqual(await usual.ended, TERMINATED);
    assert.deepEqual(usual.steps(), []);
  });

  it('with the drain off ends the process as it would without us, after a flush', async () => {
    const service = await start({ ...LONG, OBS_DRAIN_ENABLED: 'false' });
    await get(service.port);
    service.child.kill('SIGTERM');
    assert.deepEqual(await service.ended, TERMINATED);
    assert.deepEqual(service.steps(), []);
    assert.ok(service.lines.some(({ msg }) => msg === 'http_request'));
  });
});

describe('the delay', { concurrency: 3 }, () => {
  it('is nothing in development', async () => {
    const service = await start({ OBS_ENV: 'development' });
    service.child.kill('SIGTERM');
    await service.ended;
    const delay = service.lines.find(({ step }) => step === 'delay');
    assert.equal(delay?.['deadline_ms'], undefined);
  });

  it('is nothing where nothing listens', async () => {
    const service = await start({ NO_SERVER: '1', OBS_DRAIN_DELAY_MS: '3600000' });
    service.child.kill('SIGTERM');
    assert.deepEqual(await service.ended, TERMINATED);
    assert.deepEqual(service.steps(), STEPS);
  });
});

describe('servers', { concurrency: 3 }, () => {
  it('that listened before init are learnt from their requests', async () => {
    const service = await start({ LATE: '1', OBS_DRAIN_DELAY_MS: '1500' });
    service.child.kill('SIGTERM');
    await service.line('drain_started');
    const { answer, end } = await hold(service.port, '/silent');
    await service.step('stop');
    await refused(service);
    end();
    assert.equal((await answer).status, 200);
    assert.deepEqual(await service.ended, TERMINATED);
  });

  it('for the ops API alone answer until the end', async () => {
    const service = await start({ ...NO_DELAY, OBS_OPS_PORT: '0', OPS: '1' });
    const { answer, end } = await hold(service.port, '/silent');
    service.child.kill('SIGTERM');
    await service.step('stop');
    await refused(service);
    assert.equal((await get(service.ops, '/health/ready')).status, 503);
    end();
    assert.equal((await answer).status, 200);
    assert.deepEqual(await service.ended, TERMINATED);
  });
});

describe("an app's own handler", { concurrency: 3 }, () => {
  it('decides when the process ends; ready turns 503 before it', async () => {
    const service = await start({ OWN: 'later', ...NO_DELAY });
    service.child.kill('SIGTERM');
    await service.line('own_handler');
    assert.equal((await get(service.port, '/health/ready')).status, 503);
    await assert.rejects(get(service.port, '/quit'));
    assert.deepEqual(await service.ended, [8, null]);
    assert.deepEqual(service.steps(), []);
  });

  it('is seen although it was added once, before init', async () => {
    const service = await start({ OWN: 'once-before', ...NO_DELAY });
    service.child.kill('SIGTERM');
    assert.deepEqual(await service.ended, [9, null]);
    assert.deepEqual(service.steps(), []);
  });

  it('may have us drain, and then close what is its own', async () => {
    const service = await start({ OWN: 'run', ...NO_DELAY });
    const { answer, end } = await hold(service.port, '/silent');
    service.child.kill('SIGTERM');
    await service.step('stop');
    await refused(service);
    end();
    assert.equal((await answer).status, 200);
    assert.deepEqual(await service.ended, [7, null]);
    assert.deepEqual(service.steps(), STEPS.slice(0, 4));
    assert.ok(service.lines.some(({ msg }) => msg === 'own_close'));
  });
});

it('two kits in one process both drain, and the last one ends it', async () => {
  const service = await start({ SECOND: '1', ...NO_DELAY });
  service.child.kill('SIGTERM');
  assert.deepEqual(await service.ended, TERMINATED);
  assert.equal(service.lines.at(-1)?.msg, 'drain_done');
});

it('each step is a span of one trace, and reaches the collector with the last request', async t => {
  const sink = await openSink();
  t.after(() => sink.close());
  const service = await start({
    ...NO_DELAY,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_BSP_SCHEDULE_DELAY: '60000',
  });
  await get(service.port);
  service.child.kill('SIGTERM');
  assert.deepEqual(await service.ended, TERMINATED);
  const spans = sink.received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => decodeTraces(body))
    .flatMap(({ scopes }) => scopes.flatMap(({ items }) => items));
  const root = spans.find(({ name }) => name === 'drain');
  const steps = spans.filter(({ name }) => name.startsWith('drain '));
  assert.deepEqual(
    steps.map(({ name }) => name),
    STEPS.map(step => `drain ${step}`),
  );
  assert.deepEqual([...new Set(steps.map(({ parentSpanId }) => parentSpanId))], [root?.spanId]);
  assert.ok(spans.some(({ traceId }) => traceId !== root?.traceId));
  assert.equal(service.lines.find(({ step }) => step === 'flush')?.['exported'], true);
  assert.equal(service.lines.find(({ step }) => step === 'flush')?.['trace_id'], root?.traceId);
});

it('a collector that hangs holds the end no longer than the flush may take', async t => {
  const sink = await openSink();
  t.after(() => sink.close());
  sink.reply = () => {};
  const service = await start({
    ...NO_DELAY,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OBS_DRAIN_FLUSH_MS: '100',
  });
  await get(service.port);
  service.child.kill('SIGTERM');
  const [code, signal] = await service.ended;
  assert.ok(signal === 'SIGTERM' || code === 143);
  assert.equal(service.lines.find(({ step }) => step === 'flush')?.['timed_out'], true);
});
