import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeTraces, tracesRequest } from '@plimsoll/wire';
import { createJobs } from '../src/kernel/job.ts';
import { openTracing } from './support/kit.ts';

const PARENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const TRACEPARENT = `00-${PARENT.traceId}-${PARENT.spanId}-01`;
const SENDER = { resource: { attributes: {} }, scopeName: 's', scopeVersion: '1' };

describe('spans', () => {
  test('nest: each has the active one as its parent, across awaits and in parallel', async () => {
    const { kit, spans } = openTracing();
    await kit.trace.span('root', async () => {
      await Promise.all(
        ['a', 'b', 'c'].map(name =>
          kit.trace.span(name, async () => {
            await new Promise(resolve => setImmediate(resolve));
            await kit.trace.span(`${name}.inner`, async () => new Promise(resolve => setTimeout(resolve, 1)));
          }),
        ),
      );
    });
    const byName = new Map(spans.map(span => [span.name, span]));
    const root = byName.get('root');
    assert.equal(spans.length, 7);
    assert.equal(root?.parentSpanId, undefined);
    for (const name of ['a', 'b', 'c']) {
      assert.equal(byName.get(name)?.parentSpanId, root?.spanId);
      assert.equal(byName.get(`${name}.inner`)?.parentSpanId, byName.get(name)?.spanId);
    }
    assert.equal(new Set(spans.map(span => span.traceId)).size, 1);
    assert.equal(new Set(spans.map(span => span.spanId)).size, 7);
    for (const span of spans) assert.ok(span.endTime >= span.startTime);
  });

  test('give back what the function gives, and its own promise', async () => {
    const { kit } = openTracing();
    assert.equal(
      kit.trace.span('sync', () => 7),
      7,
    );
    assert.equal(await kit.trace.span('async', { kind: 'client' }, async () => 8), 8);
  });

  test('record what is thrown, now or later, and throw it on unchanged', async () => {
    const { kit, spans } = openTracing();
    const now = new TypeError('now');
    const later = new RangeError('later');
    assert.throws(
      () =>
        kit.trace.span('now', () => {
          throw now;
        }),
      error => error === now,
    );
    await assert.rejects(
      kit.trace.span('later', async () => {
        await null;
        throw later;
      }),
      error => error === later,
    );
    const [first, second] = spans;
    assert.deepEqual([first?.status.code, second?.status.code], [2, 2]);
    const event = second?.events[0];
    assert.equal(event?.name, 'exception');
    assert.equal(event?.attributes['exception.type'], 'RangeError');
    assert.equal(event?.attributes['exception.message'], 'later');
    assert.match(event?.attributes['exception.stacktrace'] as string, /\n\s+at /);
  });

  test('survive whatever is thrown', () => {
    const { kit, spans } = openTracing();
    const hostile = new Error('x');
    Object.defineProperty(hostile, 'message', {
      get: () => {
        throw new Error('a getter');
      },
    });
    const bare = Object.create(null) as object;
    for (const thrown of [undefined, null, 'text', 7n, Symbol('s'), bare, hostile, () => {}]) {
      assert.throws(
        () =>
          kit.trace.span('thrower', () => {
            throw thrown;
          }),
        error => error === thrown,
      );
    }
    assert.equal(spans.length, 8);
    assert.ok(spans.every(span => span.status.code === 2 && span.events.length === 1));
  });

  test('that were called ok stay ok, and a status keeps its message', () => {
    const { kit, spans } = openTracing();
    kit.trace.start('ok').setStatus('ok').recordException(new Error('handled')).end();
    kit.trace.start('error').setStatus('error', 'why').recordException(new Error('x')).end();
    assert.deepEqual(
      spans.map(span => span.status),
      [{ code: 1 }, { code: 2, message: 'why' }],
    );
  });

  test('ignore what comes after their end', () => {
    const { kit, spans } = openTracing();
    const span = kit.trace.start('short');
    span.end();
    span.setAttribute('late', 1).addEvent('late').setStatus('error').updateName('late').recordException(1);
    span.addLink({ ...PARENT, attributes: {} });
    span.end();
    assert.equal(spans.length, 1);
    assert.deepEqual([spans[0]?.name, spans[0]?.events.length, spans[0]?.attributes], ['short', 0, {}]);
  });

  test('never end before they start', () => {
    const { kit, spans } = openTracing();
    kit.trace.start('backwards', { startTime: 2000 }).end(1000);
    assert.equal(spans[0]?.endTime, 2000);
  });

  test('are frozen, and do not change with what their maker keeps', () => {
    const { kit, spans } = openTracing();
    const list = [1, 2];
    kit.trace.start('s', { attributes: { list } }).end();
    list.push(3);
    assert.ok(Object.isFrozen(spans[0]));
    assert.deepEqual(spans[0]?.attributes['list'], [1, 2]);
  });

  test('stop at 128 attributes, events and links, and count the rest', () => {
    const { kit, spans } = openTracing();
    const span = kit.trace.start('full');
    for (let n = 0; n < 200; n++) {
      span.setAttribute(`k${n}`, n);
      span.addEvent(`e${n}`);
      span.addLink({ ...PARENT, attributes: { n } });
    }
    span.setAttribute('k0', 'again');
    span.end();
    const [full] = spans;
    assert.equal(Object.keys(full?.attributes ?? {}).length, 128);
    assert.equal(full?.attributes['k0'], 'again');
    assert.deepEqual([full?.events.length, full?.links.length], [128, 128]);
    assert.deepEqual([full?.droppedAttributes, full?.droppedEvents, full?.droppedLinks], [72, 72, 72]);
  });

  test('take no attribute of a bad name or none of a value, and no link that is no id', () => {
    const { kit, spans } = openTracing();
    const span = kit.trace.start('s');
    span.setAttribute('', 1).setAttribute('absent', undefined).setAttribute('__proto__', { polluted: true });
    span.setAttribute('constructor', 'kept');
    span.addLink({ traceId: 'zz', spanId: PARENT.spanId, attributes: {} });
    span.end();
    assert.deepEqual(Object.keys(spans[0]?.attributes ?? {}), ['constructor']);
    assert.deepEqual([spans[0]?.links.length, spans[0]?.droppedLinks], [0, 1]);
  });
});

describe('what spans show', () => {
  const SECRET = 'sk-abcdefghij0123456789ABCDEFGHIJ';

  test('has no secret and nothing personal: attributes, events, links, status, names', () => {
    const { kit, spans } = openTracing();
    const span = kit.trace.start(`work ${SECRET}`, { attributes: { note: `x ${SECRET}` } });
    span.setAttributes({
      password: 'hunter2',
      'user.id': 48_213,
      userLat: 41.01,
      platform: 'web',
      latency_ms: 3,
    });
    span.addEvent(`event ${SECRET}`, { note: SECRET, token: 'hunter2' });
    span.addLink({ ...PARENT, attributes: { note: SECRET } });
    span.setStatus('error', `failed ${SECRET}`);
    span.updateName(`renamed ${SECRET}`);
    span.recordException(new Error(`boom ${SECRET}`));
    span.recordException(`${'x'.repeat(240)} ${SECRET}`);
    span.end();
    const text = JSON.stringify(spans);
    assert.ok(!/sk-abc|hunter2|48213|41\.01/.test(text), text);
    assert.equal(spans[0]?.attributes['platform'], 'web');
    assert.equal(spans[0]?.attributes['latency_ms'], 3);
    assert.match(spans[0]?.attributes['user.id'] as string, /^[0-9a-f]{32}$/);
  });

  test('keeps the shape of SQL and none of its literals, under both names', () => {
    const { kit, spans } = openTracing();
    const statement = "SELECT * FROM users WHERE email = 'a@example.org' AND id = 48213 -- note";
    kit.trace
      .start('q', { attributes: { 'db.query.text': statement, 'db.system.name': 'postgresql' } })
      .end();
    kit.trace.start('q', { attributes: { 'db.statement': statement, 'db.system': 'postgresql' } }).end();
    for (const [at, key] of ['db.query.text', 'db.statement'].entries()) {
      const shown = spans[at]?.attributes[key] as string;
      assert.match(shown, /^SELECT \* FROM users WHERE email = \? AND id = \?/);
      assert.ok(!/example|48213|note/.test(shown), shown);
    }
    assert.equal(spans[0]?.attributes['db.system.name'], 'postgresql');
  });

  test('is the same on the wire as in the record', () => {
    const { kit, spans } = openTracing();
    const bytes: Uint8Array[] = [];
    kit.onBytes('span', batch => bytes.push(batch.slice()));
    kit.trace.span('parent', { kind: 'producer', attributes: { a: [1, 'x', true], b: 2n ** 60n } }, span => {
      span.addEvent('e', { n: 1.5 }).addLink({ ...PARENT, attributes: { l: 1 } });
      kit.trace.span('child', () => {});
    });
    kit.core.flush();
    const [group] = decodeTraces(tracesRequest({ ...SENDER, spans: bytes }));
    const decoded = group?.scopes[0]?.items ?? [];
    assert.equal(decoded.length, 2);
    for (const [at, span] of decoded.entries()) {
      const { droppedAttributes, droppedEvents, droppedLinks, ...record } = spans[at] as (typeof spans)[0];
      assert.deepEqual([droppedAttributes, droppedEvents, droppedLinks], [0, 0, 0]);
      assert.deepEqual(span, { ...record, startTime: span.startTime, endTime: span.endTime });
      assert.ok(Math.abs(span.startTime - record.startTime) < 0.001);
      assert.ok(Math.abs(span.endTime - record.endTime) < 0.001);
    }
  });
});

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
