import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createJobs } from '../src/kernel/job.ts';
import { openTracing } from './support/kit.ts';

const PARENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const TRACEPARENT = `00-${PARENT.traceId}-${PARENT.spanId}-01`;

describe('contexts across processes', () => {
  test('come back as they went, with trace state and baggage', () => {
    const { kit, spans } = openTracing();
    const received = { Traceparent: TRACEPARENT, TraceState: 'a=1,b=2', baggage: 'k=v;p=1' };
    const context = kit.trace.extract(received);
    kit.trace.span('consume', { parent: context, kind: 'consumer' }, () => {
      const sent: Record<string, string> = {};
      kit.trace.inject(sent);
      assert.equal(sent['traceparent'], `00-${PARENT.traceId}-${kit.trace.active()?.spanId}-01`);
      assert.equal(sent['tracestate'], 'a=1,b=2');
    });
    assert.equal(spans[0]?.parentSpanId, PARENT.spanId);
    assert.equal(spans[0]?.parentRemote, true);
    const passed: Record<string, string> = {};
    kit.context.run(context, () => kit.trace.inject(passed));
    assert.deepEqual(passed, { traceparent: TRACEPARENT, tracestate: 'a=1,b=2', baggage: 'k=v;p=1' });
  });

  test('run in what was extracted: each span there begins this process, under the sender', () => {
    const { kit, spans } = openTracing();
    kit.context.run(kit.trace.extract({ traceparent: TRACEPARENT, baggage: 'k=v' }), () => {
      kit.trace.span('first', () => kit.trace.span('inner', () => {}));
      kit.trace.span('second', () => {
        const sent: Record<string, string> = {};
        kit.trace.inject(sent);
        assert.equal(sent['baggage'], 'k=v');
      });
    });
    const [inner, first, second] = spans;
    assert.deepEqual([first?.parentSpanId, second?.parentSpanId], [PARENT.spanId, PARENT.spanId]);
    assert.equal(inner?.parentSpanId, first?.spanId);
    assert.ok(spans.every(span => span.traceId === PARENT.traceId));
  });

  test('that are not valid begin a new trace', () => {
    const { kit, spans } = openTracing();
    for (const traceparent of [
      undefined,
      'junk',
      `00-${'0'.repeat(32)}-${PARENT.spanId}-01`,
      [TRACEPARENT, TRACEPARENT],
    ]) {
      kit.trace.span('s', { parent: kit.trace.extract({ traceparent }) }, () => {});
    }
    assert.equal(spans.length, 4);
    assert.ok(spans.every(span => span.parentSpanId === undefined && span.traceId !== PARENT.traceId));
  });

  test('outside of one nothing is written', () => {
    const { kit } = openTracing();
    const carrier = {};
    kit.trace.inject(carrier);
    assert.deepEqual(carrier, {});
  });
});

describe('a job', () => {
  test('is a trace of its own, whoever started it, and its lines have its ids', async () => {
    const { kit, spans, lines } = openTracing();
    const job = createJobs(kit).job('rollover', async (n: number) => {
      kit.log.info({ n }, 'rolling');
      await kit.trace.span('step', async () => null);
      return n * 2;
    });
    await kit.trace.span('request', async () => assert.equal(await job(4), 8));
    const byName = new Map(spans.map(span => [span.name, span]));
    const root = byName.get('job rollover');
    assert.equal(root?.parentSpanId, undefined);
    assert.notEqual(root?.traceId, byName.get('request')?.traceId);
    assert.equal(byName.get('step')?.parentSpanId, root?.spanId);
    const line = lines().find(one => one['msg'] === 'rolling');
    assert.equal(line?.['trace_id'], root?.traceId);
    assert.equal(line?.['span_id'], root?.spanId);
    assert.match(line?.['request_id'] as string, /^[0-9a-f-]{36}$/);
  });
});

describe('tracing that is off', () => {
  test('makes no span, and ids flow with flag 00', async () => {
    const { kit, spans, lines } = openTracing({ enabled: false });
    assert.equal(kit.trace.enabled, false);
    const result = kit.trace.span('nothing', span => {
      span.setAttribute('a', 1).addEvent('e').recordException(new Error('x')).end();
      return span.recording;
    });
    assert.equal(result, false);
    await createJobs(kit).job('j', () => {
      kit.log.info('in the job');
      const sent: Record<string, string> = {};
      kit.trace.inject(sent);
      assert.match(sent['traceparent'] as string, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    })();
    assert.match(lines()[0]?.['trace_id'] as string, /^[0-9a-f]{32}$/);
    const passed: Record<string, string> = {};
    kit.context.run(kit.trace.extract({ traceparent: TRACEPARENT }), () => kit.trace.inject(passed));
    assert.equal(passed['traceparent'], TRACEPARENT);
    assert.equal(spans.length, 0);
  });
});
