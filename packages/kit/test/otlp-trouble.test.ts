import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { encodeResponse } from '@plimsoll/wire';
import {
  dropped,
  exported,
  exporting,
  failed,
  linesOf,
  namesIn,
  open,
  otlpOf,
  QUICK,
  sinkFor,
} from './unit/parts/exporting.ts';
import { metricValue, openSink, until } from './unit/parts/support.ts';

describe('a collector in trouble', () => {
  it('that answers 503 gets the same spans again', async () => {
    const sink = await sinkFor();
    sink.reply = response => {
      response.statusCode = sink.received.length < 3 ? 503 : 200;
      response.end();
    };
    const kit = await exporting({ endpoint: sink.url });
    kit.trace.start('patient').end();
    await until(() => exported(kit) === 1);
    assert.deepEqual(namesIn(sink), ['patient', 'patient', 'patient']);
    assert.equal(failed(kit, '503'), 2);
    assert.equal(otlpOf(kit).signals.traces?.lastFailure?.code, '503');
  });

  for (const [form, header] of [
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 1500).toUTCString()],
  ] as const) {
    it(`that says when to come back, in ${form}, is asked then and not by the back-off`, async () => {
      const sink = await sinkFor();
      sink.reply = response => {
        if (sink.received.length === 1) response.writeHead(429, { 'retry-after': header() });
        response.end();
      };
      // A back-off of an hour would never get there.
      const kit = await exporting(
        { endpoint: sink.url },
        { ...QUICK, firstRetryMs: 3_600_000, maxRetryMs: 3_600_000 },
      );
      kit.trace.start('later').end();
      await until(() => exported(kit) === 1);
      assert.equal(sink.received.length, 2);
    });
  }

  for (const status of [400, 401, 404, 413]) {
    it(`that answers ${status} is not asked again: the spans are dropped and counted`, async () => {
      const sink = await sinkFor();
      sink.reply = response => {
        response.statusCode = sink.received.length === 1 ? status : 200;
        response.end();
      };
      const kit = await exporting({ endpoint: sink.url });
      kit.trace.start('refused').end();
      await until(() => dropped(kit, 'refused') === 1);
      kit.trace.start('taken').end();
      await until(() => exported(kit) === 1);
      assert.deepEqual(namesIn(sink), ['refused', 'taken']);
    });
  }

  for (const type of ['application/x-protobuf', 'application/json']) {
    it(`that takes a part says so in ${type}: the rest is counted, with one warning`, async () => {
      const sink = await sinkFor();
      sink.reply = response => {
        response.writeHead(200, { 'content-type': type });
        const json = JSON.stringify({ partialSuccess: { rejectedSpans: '1', errorMessage: 'too old' } });
        response.end(type.endsWith('json') ? json : encodeResponse({ rejected: 1, message: 'too old' }));
      };
      const kit = await exporting({ endpoint: sink.url });
      const lines = linesOf(kit);
      for (let round = 0; round < 2; round++) {
        kit.trace.start('one').end();
        kit.trace.start('two').end();
        await otlpOf(kit).flush();
      }
      assert.equal(dropped(kit, 'rejected'), 2);
      assert.equal(exported(kit), 2);
      assert.equal(lines.filter(({ msg }) => msg === 'otlp_partial_success').length, 1);
    });
  }

  it('that is gone and comes back gets what was recorded in between, without a restart', async () => {
    const first = await openSink();
    const kit = await exporting({ endpoint: first.url });
    const lines = linesOf(kit);
    kit.trace.start('before').end();
    assert.equal(await otlpOf(kit).flush(), true);
    await first.close();
    kit.trace.start('between').end();
    await until(() => failed(kit, 'ECONNREFUSED') > 1);
    const second = await sinkFor(first.port);
    await until(() => namesIn(second).includes('between'));
    assert.equal(lines.filter(({ msg }) => msg === 'otlp_export_failed').length, 1);
  });

  it('that never answers is left after the timeout', async () => {
    const sink = await sinkFor();
    sink.reply = response => {
      if (sink.received.length > 1) response.end();
    };
    const kit = await exporting({ endpoint: sink.url, timeoutMs: 50 });
    kit.trace.start('slow').end();
    await until(() => exported(kit) === 1);
    assert.equal(failed(kit, 'timeout'), 1);
  });

  for (const [what, answer] of [
    ['resets', undefined],
    ['answers nonsense', 'this is not HTTP\r\n\r\n'],
  ] as const) {
    it(`that ${what} costs retries and nothing else`, async () => {
      const server = createServer(socket => {
        socket.on('error', () => {});
        socket.once('data', () => (answer ? socket.end(answer) : socket.resetAndDestroy()));
      });
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      open.push({ close: () => new Promise(resolve => server.close(resolve)) });
      const { port } = server.address() as { port: number };
      const kit = await exporting({ endpoint: `http://127.0.0.1:${port}` }, { ...QUICK, retryForMs: 100 });
      kit.trace.start('unlucky').end();
      await until(() => dropped(kit, 'unavailable') === 1);
    });
  }

  it('that answers 200 with nonsense has taken the spans', async () => {
    const sink = await sinkFor();
    sink.reply = response => response.writeHead(200, { 'content-type': 'application/json' }).end('{"partial');
    const kit = await exporting({ endpoint: sink.url });
    kit.trace.start('fine').end();
    assert.equal(await otlpOf(kit).flush(), true);
    assert.equal(exported(kit), 1);
  });

  it('costs a bounded amount of memory: the oldest spans are dropped and counted', async () => {
    const sink = await sinkFor();
    sink.reply = () => {};
    const maxQueueBytes = 200_000;
    const kit = await exporting({ endpoint: sink.url, maxQueueBytes, maxBatchBytes: 50_000, timeoutMs: 100 });
    for (let n = 0; n < 20_000; n++) kit.trace.start(`span ${n}`).end();
    kit.core.spans.flush();
    const waiting = metricValue(kit, 'plimsoll_otlp_queue_bytes', { signal: 'traces' });
    assert.ok(waiting > 0 && waiting <= maxQueueBytes, String(waiting));
    assert.ok(dropped(kit, 'queue_full') > 10_000);
  });

  it('can not hold a close: what is left is dropped and counted', async () => {
    const sink = await sinkFor();
    sink.reply = () => {};
    const kit = await exporting({ endpoint: sink.url, timeoutMs: 100 });
    kit.trace.start('stuck').end();
    await kit.close();
    assert.equal(dropped(kit, 'unavailable') + dropped(kit, 'closed'), 1);
    assert.equal(otlpOf(kit), undefined);
  });

  it('makes flush say false', async () => {
    const kit = await exporting({ endpoint: 'http://127.0.0.1:9' });
    kit.trace.start('lost').end();
    assert.equal(await otlpOf(kit).flush(), false);
  });
});
