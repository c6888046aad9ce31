import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { context, createContextKey, INVALID_SPAN_CONTEXT, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { type Registered, registered } from './otel/open.ts';

const KEY = createContextKey('test key');
const OTHER = createContextKey('other key');

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

  it('keeps nothing of the contexts before it, for code that starts its own next turn', () => {
    const tracer = trace.getTracer('t');
    let deepest = 0;
    const turnOf = (left: number): void => {
      let depth = 0;
      for (let at = obs.kit.context.current(); at !== undefined; at = at.parent) depth += 1;
      deepest = Math.max(deepest, depth);
      if (left === 0) return;
      tracer.startActiveSpan('active', span => {
        context.with(context.active().setValue(KEY, left), () => {
          assert.equal(trace.getActiveSpan(), span);
          context.with(trace.setSpan(context.active(), tracer.startSpan('x')), () => turnOf(left - 1));
        });
      });
    };
    turnOf(100);
    assert.ok(deepest <= 4, String(deepest));
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
