import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { context, propagation, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type Registered, registered } from './otel/open.ts';

let obs: Registered;
const tracer = trace.getTracer('test');
before(async () => {
  obs = await registered();
});
after(() => obs.close());
beforeEach(() => {
  obs.spans.length = 0;
});
const parentOf = (name: string): string | undefined => obs.span(name).parentSpanId;

describe('a tracer', () => {
  it('is the same for the same name and version', () => {
    const provider = trace.getTracerProvider();
    assert.equal(provider.getTracer('a', '1'), provider.getTracer('a', '1'));
    assert.notEqual(provider.getTracer('a', '1'), provider.getTracer('a', '2'));
    assert.doesNotThrow(() =>
      provider
        .getTracer(undefined as never)
        .startSpan('nameless')
        .end(),
    );
  });

  it('that was taken before anything was registered works from then on', () => {
    tracer.startSpan('early').end();
    assert.equal(obs.span('early').attributes['otel.scope.name'], 'test');
  });

  it('starts a span under the active one, and does not make it active', () => {
    const outer = tracer.startSpan('outer');
    context.with(trace.setSpan(context.active(), outer), () => {
      tracer.startSpan('inner').end();
      assert.equal(trace.getActiveSpan(), outer);
      tracer.startSpan('sibling').end();
    });
    outer.end();
    assert.equal(parentOf('inner'), outer.spanContext().spanId);
    assert.equal(parentOf('sibling'), outer.spanContext().spanId);
    assert.equal(obs.span('inner').traceId, outer.spanContext().traceId);
    assert.equal(parentOf('outer'), undefined);
  });

  it('takes the parent from a context that it is given', () => {
    const parent = tracer.startSpan('parent');
    tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, parent)).end();
    context.with(trace.setSpan(ROOT_CONTEXT, parent), () =>
      tracer.startSpan('alone', {}, ROOT_CONTEXT).end(),
    );
    parent.end();
    assert.equal(parentOf('child'), parent.spanContext().spanId);
    assert.equal(parentOf('alone'), undefined);
    assert.notEqual(obs.span('alone').traceId, parent.spanContext().traceId);
  });

  it('starts a new trace where root is asked for', () => {
    tracer.startActiveSpan('outer', outer => {
      tracer.startSpan('root', { root: true }).end();
      outer.end();
    });
    assert.equal(parentOf('root'), undefined);
    assert.notEqual(obs.span('root').traceId, obs.span('outer').traceId);
  });

  it('goes on with a trace of another process, as it was sampled there', () => {
    const remote = {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      isRemote: true,
    };
    const sampled = trace.setSpanContext(ROOT_CONTEXT, { ...remote, traceFlags: 1 });
    tracer.startSpan('sampled', {}, sampled).end();
    const { traceId, parentSpanId, parentRemote } = obs.span('sampled');
    assert.deepEqual([traceId, parentSpanId, parentRemote], [remote.traceId, remote.spanId, true]);
    const not = tracer.startSpan('not', {}, trace.setSpanContext(ROOT_CONTEXT, { ...remote, traceFlags: 0 }));
    assert.equal(not.isRecording(), false);
    assert.equal(not.spanContext().traceId, remote.traceId);
    assert.equal(not.spanContext().traceFlags, 0);
    not.end();
    assert.equal(obs.spans.length, 1);
  });

  it('starts an active span in all three forms, and gives back what the function gives', async () => {
    const parent = tracer.startSpan('parent');
    const seen: Span[] = [];
    const one = tracer.startActiveSpan('one', span => {
      seen.push(span, trace.getActiveSpan() as Span);
      span.end();
      return 1;
    });
    const two = tracer.startActiveSpan('two', { attributes: { a: 1 } }, span => {
      span.end();
      return 'two';
    });
    const three = await tracer.startActiveSpan(
      'three',
      {},
      trace.setSpan(ROOT_CONTEXT, parent),
      async span => {
        await null;
        assert.equal(trace.getActiveSpan(), span);
        tracer.startSpan('below').end();
        span.end();
        return 3;
      },
    );
    assert.deepEqual([one, two, three], [1, 'two', 3]);
    assert.equal(seen[0], seen[1]);
    assert.equal(obs.span('two').attributes['a'], 1);
    assert.equal(parentOf('three'), parent.spanContext().spanId);
    assert.equal(parentOf('below'), obs.span('three').spanId);
  });

  it('leaves the end, and what is thrown, to the function of an active span', () => {
    let kept: Span | undefined;
    const fail = () =>
      tracer.startActiveSpan('open', span => {
        kept = span;
        throw new Error('mine');
      });
    assert.throws(fail, /mine/);
    assert.equal(obs.spans.length, 0);
    assert.equal(kept?.isRecording(), true);
    kept?.end();
    assert.deepEqual([obs.span('open').status.code, obs.span('open').events], [0, []]);
    assert.equal(trace.getActiveSpan(), undefined);
  });

  it('makes nothing inside of suppressTracing', () => {
    context.with(suppressTracing(context.active()), () => {
      const span = tracer.startSpan('suppressed');
      assert.equal(span.isRecording(), false);
      span.end();
      tracer.startActiveSpan('suppressed', one => one.end());
    });
    assert.equal(obs.spans.length, 0);
  });
});

describe('spans of both kinds', () => {
  it('are parents of each other, however they were made active', () => {
    const { kit } = obs;
    kit.trace.span('ours', ours => {
      assert.equal(trace.getActiveSpan()?.spanContext().spanId, ours.spanId);
      tracer.startActiveSpan('theirs', theirs => {
        assert.equal(kit.trace.active()?.spanId, theirs.spanContext().spanId);
        assert.equal(kit.context.current()?.spanId, theirs.spanContext().spanId);
        kit.trace.span('ours again', () => {
          context.with(context.active(), () => tracer.startSpan('leaf').end());
        });
        theirs.end();
      });
    });
    assert.equal(parentOf('theirs'), obs.span('ours').spanId);
    assert.equal(parentOf('ours again'), obs.span('theirs').spanId);
    assert.equal(parentOf('leaf'), obs.span('ours again').spanId);
    assert.equal(new Set(obs.spans.map(({ traceId }) => traceId)).size, 1);
  });

  it('are one where one is active: what the API sets, ours exports', () => {
    obs.kit.trace.span('ours', () => {
      const active = trace.getActiveSpan();
      assert.equal(active, trace.getActiveSpan());
      active?.setAttribute('from', 'api');
    });
    assert.equal(obs.span('ours').attributes['from'], 'api');
  });

  it('carry the request of the code that they run in', () => {
    const line = obs.kit.trace.extract({});
    Object.assign(line, { requestId: 'r-1' });
    const ids: unknown[] = [];
    const note = () => ids.push(obs.kit.context.current()?.requestId);
    obs.kit.context.run(line, () => {
      tracer.startActiveSpan('a', note);
      tracer.startActiveSpan('b', { root: true }, note);
      context.with(context.active().setValue(Symbol('x'), 1), note);
      context.with(trace.deleteSpan(context.active()), note);
      context.with(ROOT_CONTEXT, note);
    });
    assert.deepEqual(ids, ['r-1', 'r-1', 'r-1', 'r-1', undefined]);
  });

  it('share user and fields of the log with what is outside of them', () => {
    const request = obs.kit.trace.extract({});
    obs.kit.context.run(request, () => {
      context.with(context.active().setValue(Symbol('x'), 1), () => {
        obs.kit.context.user('u-1');
        tracer.startActiveSpan('a', () => obs.kit.context.bind({ room: 'r' }));
      });
    });
    assert.equal(request.userId, 'u-1');
    assert.deepEqual(request.fields, { room: 'r' });
  });
});

it('a trace that is not sampled is made in full, and exported once it fails', async () => {
  await obs.close();
  obs = await registered({ trace: { ratio: 0, keepErrors: true, slowMs: 0 } });
  const run = (name: string, code: number): void =>
    tracerNow().startActiveSpan(name, span => {
      assert.equal(span.spanContext().traceFlags, 0);
      assert.equal(span.isRecording(), true);
      tracerNow().startSpan(`${name} child`).end();
      span.setStatus({ code });
      span.end();
    });
  const tracerNow = () => trace.getTracerProvider().getTracer('late');
  run('fine', 0);
  assert.equal(obs.spans.length, 0);
  run('failed', 2);
  assert.deepEqual(
    obs.spans.map(({ name }) => name),
    ['failed child', 'failed'],
  );
});

it('with tracing off the ids of a caller pass through, and nothing is recorded', async () => {
  await obs.close();
  obs = await registered({ trace: { enabled: false } });
  const off = trace.getTracerProvider().getTracer('off');
  const remote = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 };
  const span = off.startSpan('x', {}, trace.setSpanContext(ROOT_CONTEXT, remote));
  assert.equal(span.isRecording(), false);
  assert.deepEqual(span.spanContext(), remote);
  assert.equal(trace.isSpanContextValid(off.startSpan('y').spanContext()), false);
  const carrier: Record<string, string> = {};
  off.startActiveSpan('z', {}, trace.setSpanContext(ROOT_CONTEXT, remote), () =>
    propagation.inject(context.active(), carrier),
  );
  assert.equal(carrier['traceparent'], `00-${remote.traceId}-${remote.spanId}-01`);
});
