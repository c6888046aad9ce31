import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type Context,
  context,
  createContextKey,
  defaultTextMapGetter,
  defaultTextMapSetter,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type Registered, registered } from './otel/open.ts';

const KEY = createContextKey('test key');
const OTHER = createContextKey('other key');
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let obs: Registered;
before(async () => {
  obs = await registered();
});
after(() => obs.close());
const value = (key = KEY): unknown => context.active().getValue(key);

describe('the context manager', () => {
  it('has the root context active where nothing is', () => {
    assert.equal(context.active(), ROOT_CONTEXT);
  });

  it('runs a function with a context, a receiver and arguments, and gives back its result', () => {
    const given = ROOT_CONTEXT.setValue(KEY, 1);
    const receiver = { factor: 2 };
    const result = context.with(
      given,
      function (this: typeof receiver, a: number, b: number) {
        assert.equal(context.active(), given);
        return this.factor * (a + b);
      },
      receiver,
      3,
      4,
    );
    assert.equal(result, 14);
    assert.equal(context.active(), ROOT_CONTEXT);
    assert.throws(() => context.with(given, () => assert.fail('thrown')), /thrown/);
    assert.equal(context.active(), ROOT_CONTEXT);
  });

  it('keeps a context over awaits and timers, and two at once apart', async () => {
    const run = (n: number) =>
      context.with(ROOT_CONTEXT.setValue(KEY, n), async () => {
        await turn();
        await new Promise(resolve => setTimeout(resolve, 1));
        return value();
      });
    assert.deepEqual(await Promise.all([run(1), run(2), run(3)]), [1, 2, 3]);
  });

  it('makes contexts that never change', () => {
    obs.kit.trace.span('x', () => {
      const base = context.active();
      const one = base.setValue(KEY, 1);
      const two = one.setValue(KEY, 2).setValue(OTHER, 3);
      const none = two.deleteValue(KEY);
      assert.deepEqual(
        [base, one, two, none].map(each => [each.getValue(KEY), each.getValue(OTHER)]),
        [
          [undefined, undefined],
          [1, undefined],
          [2, 3],
          [undefined, 3],
        ],
      );
    });
  });

  it('lets values that others set survive spans of both kinds, and requests of ours', () => {
    context.with(ROOT_CONTEXT.setValue(KEY, 'kept'), () => {
      obs.kit.trace.span('ours', () => {
        assert.equal(value(), 'kept');
        trace.getTracer('t').startActiveSpan('theirs', theirs => {
          assert.equal(value(), 'kept');
          context.with(context.active().setValue(OTHER, 'more'), () => {
            obs.kit.trace.span('ours again', () => {
              assert.deepEqual([value(), value(OTHER)], ['kept', 'more']);
              assert.notEqual(trace.getActiveSpan(), theirs);
            });
            assert.equal(trace.getActiveSpan(), theirs);
            context.with(context.active().deleteValue(KEY), () => assert.equal(value(), undefined));
          });
        });
      });
    });
  });

  it('is the same context each time it is asked', () => {
    obs.kit.trace.span('x', () => assert.equal(context.active(), context.active()));
  });

  it('knows no span after deleteSpan', () => {
    obs.kit.trace.span('x', () => {
      context.with(trace.deleteSpan(context.active()), () => {
        assert.equal(trace.getActiveSpan(), undefined);
        assert.equal(obs.kit.trace.active(), undefined);
      });
    });
  });

  it('hands back a span of another library as it is', () => {
    const foreign = trace.wrapSpanContext({
      ...INVALID_SPAN_CONTEXT,
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
    });
    context.with(trace.setSpan(ROOT_CONTEXT, foreign), () => {
      assert.equal(trace.getActiveSpan(), foreign);
      assert.equal(obs.kit.context.current()?.traceId, '1'.repeat(32));
    });
  });

  it('serves the root context while it is disabled', () => {
    const given = ROOT_CONTEXT.setValue(KEY, 1);
    // As the API finds it: the manager that is registered has these two methods.
    const manager = (
      context as unknown as { _getContextManager(): { enable(): unknown; disable(): unknown } }
    )._getContextManager();
    context.with(given, () => {
      assert.equal(manager.disable(), manager);
      assert.equal(value(), undefined);
      assert.equal(
        context.with(given, () => value()),
        undefined,
      );
      assert.equal(manager.enable(), manager);
      assert.equal(value(), 1);
    });
  });

  it('attaches a context until its token is disposed of', {
    skip: !('attach' in context) && 'API 1.10',
  }, () => {
    context.with(ROOT_CONTEXT.setValue(KEY, 1), () => {
      const token = context.attach(ROOT_CONTEXT.setValue(KEY, 2));
      assert.equal(value(), 2);
      token.dispose();
      assert.equal(value(), 1);
      token.dispose();
      assert.equal(value(), 1);
    });
  });
});

describe('bind', () => {
  const given = ROOT_CONTEXT.setValue(KEY, 'bound');

  it('runs a function in the context, with its receiver, arguments and length', async () => {
    const bound = context.bind(given, function (this: { a: number }, b: number) {
      return [value(), this.a, b];
    });
    assert.equal(bound.length, 1);
    assert.deepEqual(bound.call({ a: 1 }, 2), ['bound', 1, 2]);
    await new Promise(resolve =>
      setTimeout(
        context.bind(given, () => resolve(assert.equal(value(), 'bound'))),
        1,
      ),
    );
  });

  it('keeps the context that was active, whatever is active at the call', () => {
    const bound = obs.kit.trace.span('x', span => {
      const fn = context.bind(context.active(), () => obs.kit.trace.active()?.spanId);
      return { fn, id: span.spanId };
    });
    assert.equal(bound.fn(), bound.id);
  });

  it('binds listeners that an emitter is given from then on, and takes them off again', () => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    const early = () => seen.push(['early', value()]);
    const late = () => seen.push(['late', value()]);
    emitter.on('e', early);
    assert.equal(context.bind(given, emitter), emitter);
    context.bind(ROOT_CONTEXT.setValue(KEY, 'second'), emitter);
    emitter.on('e', late).prependListener('e', late).addListener('e', late);
    emitter.emit('e');
    assert.deepEqual(seen, [
      ['late', 'bound'],
      ['early', undefined],
      ['late', 'bound'],
      ['late', 'bound'],
    ]);
    assert.deepEqual(emitter.listeners('e'), [late, early, late, late]);
    emitter.off('e', late).removeListener('e', late).off('e', late).off('e', early);
    assert.equal(emitter.listenerCount('e'), 0);
    assert.throws(() => emitter.on('e', 'no function' as never), { code: 'ERR_INVALID_ARG_TYPE' });
  });

  it('binds listeners that run once', () => {
    const emitter = context.bind(given, new EventEmitter());
    const seen: unknown[] = [];
    const listener = (n: number) => seen.push([n, value()]);
    emitter.once('e', listener).prependOnceListener('e', listener);
    emitter.emit('e', 1);
    emitter.emit('e', 2);
    assert.deepEqual(seen, [
      [1, 'bound'],
      [1, 'bound'],
    ]);
    emitter.once('e', listener).off('e', listener);
    assert.equal(emitter.listenerCount('e'), 0);
  });

  it('gives anything else back as it is', () => {
    const target = { a: 1 };
    assert.equal(context.bind(given, target), target);
    assert.equal(context.bind(given, undefined), undefined);
  });
});

describe('the propagator', () => {
  const inject = (from: Context): Record<string, string> => {
    const carrier: Record<string, string> = {};
    propagation.inject(from, carrier);
    return carrier;
  };

  it('names its fields', () => {
    assert.deepEqual(propagation.fields(), ['traceparent', 'tracestate', 'baggage']);
  });

  it('takes a trace and baggage out of headers, and puts the same in', () => {
    const headers = { traceparent: TRACEPARENT, tracestate: 'a=1,b=2', baggage: 'tenant=di%20van;p=1,x=y' };
    const extracted = propagation.extract(ROOT_CONTEXT, headers);
    const span = trace.getSpanContext(extracted);
    assert.equal(span?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
    assert.deepEqual([span?.spanId, span?.traceFlags, span?.isRemote], ['00f067aa0ba902b7', 1, true]);
    assert.equal(span?.traceState?.get('b'), '2');
    const baggage = propagation.getBaggage(extracted);
    assert.equal(baggage?.getEntry('tenant')?.value, 'di van');
    assert.equal(baggage?.getEntry('tenant')?.metadata?.toString(), 'p=1');
    assert.deepEqual(inject(extracted), headers);
    assert.deepEqual(
      context.with(extracted, () => inject(context.active())),
      headers,
    );
  });

  it('uses the getter and the setter that it is given', () => {
    const carrier = [['traceparent', TRACEPARENT]];
    const extracted = propagation.extract(ROOT_CONTEXT, carrier, {
      keys: list => list.map(([name]) => name as string),
      get: (list, key) => list.find(([name]) => name === key)?.[1],
    });
    const out: [string, string][] = [];
    propagation.inject(extracted, out, { set: (list, key, text) => void list.push([key, text]) });
    assert.deepEqual(out, carrier);
  });

  it('changes nothing for headers that are not valid', () => {
    const base = ROOT_CONTEXT.setValue(KEY, 1);
    const bad: unknown[] = [
      {},
      { traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01' },
      { traceparent: TRACEPARENT.toUpperCase() },
      { traceparent: [TRACEPARENT, TRACEPARENT] },
      { traceparent: `${TRACEPARENT}-more`, baggage: '===' },
      { tracestate: 'a=1' },
    ];
    for (const headers of bad) assert.equal(propagation.extract(base, headers), base);
    assert.notEqual(propagation.extract(base, { traceparent: [TRACEPARENT] }), base);
  });

  it('puts in what is active, whoever made it so', () => {
    assert.deepEqual(inject(context.active()), {});
    obs.kit.trace.span('x', span => {
      assert.deepEqual(inject(context.active()), { traceparent: `00-${span.traceId}-${span.spanId}-01` });
    });
    obs.kit.context.run(obs.kit.trace.extract({ traceparent: TRACEPARENT, baggage: 'a=b' }), () => {
      assert.deepEqual(inject(context.active()), { traceparent: TRACEPARENT, baggage: 'a=b' });
    });
  });

  it('is what our own inject says too', () => {
    const extracted = propagation.extract(ROOT_CONTEXT, { traceparent: TRACEPARENT, baggage: 'a=b' });
    const carrier = {};
    context.with(extracted, () => obs.kit.trace.inject(carrier));
    assert.deepEqual(carrier, { traceparent: TRACEPARENT, baggage: 'a=b' });
  });

  it('puts nothing in while tracing is suppressed, and no invalid span', () => {
    obs.kit.trace.span('x', () => assert.deepEqual(inject(suppressTracing(context.active())), {}));
    assert.deepEqual(inject(trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT)), {});
  });

  it('works with the API’s own getter and setter', () => {
    const carrier = {};
    const extracted = propagation.extract(ROOT_CONTEXT, { traceparent: TRACEPARENT }, defaultTextMapGetter);
    propagation.inject(extracted, carrier, defaultTextMapSetter);
    assert.deepEqual(carrier, { traceparent: TRACEPARENT });
  });
});

describe('baggage', () => {
  it('that is set through the API is that of ours, and goes down to all below', () => {
    const baggage = propagation.createBaggage({ tenant: { value: 'divan' } });
    context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () => {
      assert.equal(propagation.getActiveBaggage(), baggage);
      trace.getTracer('t').startActiveSpan('x', () => {
        obs.kit.trace.span('y', () => {
          assert.equal(propagation.getActiveBaggage()?.getEntry('tenant')?.value, 'divan');
          assert.equal(obs.kit.context.current()?.baggage?.get('tenant')?.value, 'divan');
        });
        const more = (propagation.getActiveBaggage() ?? baggage).setEntry('room', { value: 'r' });
        context.with(propagation.setBaggage(context.active(), more), () => {
          assert.equal(obs.kit.context.current()?.baggage?.size, 2);
        });
        context.with(propagation.deleteBaggage(context.active()), () => {
          assert.equal(propagation.getActiveBaggage(), undefined);
          assert.equal(obs.kit.context.current()?.baggage, undefined);
        });
      });
    });
  });

  it('never breaks a header', () => {
    const baggage = propagation.createBaggage({
      'a\r\nx: y': { value: '1' },
      'b,c': { value: '2' },
      good: { value: 'ü,;\r\n' },
    });
    const carrier: Record<string, string> = {};
    propagation.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), carrier);
    assert.equal(carrier['baggage'], 'good=%C3%BC%2C%3B%0D%0A');
  });
});
