import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type Registered, registered } from './otel/open.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let obs: Registered;
before(async () => {
  obs = await registered();
});
after(() => obs.close());

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
    const base = ROOT_CONTEXT.setValue(Symbol.for('key'), 1);
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
