import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { INVALID_SPAN_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { SpanRecord } from '@plimsoll/wire';
import { type Registered, registered } from './otel/open.ts';

let obs: Registered;
before(async () => {
  obs = await registered();
});
after(() => obs.close());
beforeEach(() => {
  obs.spans.length = 0;
});

/** Starts a span, ends it, and gives what was recorded. */
const record = (work: (span: Span) => void): SpanRecord => {
  const span = trace.getTracer('test', '1.2.3').startSpan('work');
  work(span);
  span.end();
  return obs.span('work');
};

describe('a span through the API', () => {
  it('says who it is, and keeps saying so after its end', () => {
    const span = trace.getTracer('test').startSpan('work');
    const context = span.spanContext();
    assert.match(context.traceId, /^[0-9a-f]{32}$/);
    assert.match(context.spanId, /^[0-9a-f]{16}$/);
    assert.equal(context.traceFlags, 1);
    assert.equal(context.isRemote, undefined);
    assert.ok(Object.isFrozen(context));
    span.end();
    assert.equal(span.spanContext(), context);
    assert.deepEqual([obs.span('work').traceId, obs.span('work').spanId], [context.traceId, context.spanId]);
  });

  it('names its tracer and the tracer’s version', () => {
    const { attributes } = record(() => {});
    assert.equal(attributes['otel.scope.name'], 'test');
    assert.equal(attributes['otel.scope.version'], '1.2.3');
  });

  it('takes attributes of every type, one by one and together, and returns itself', () => {
    const bytes = new Uint8Array([1, 2]);
    const { attributes } = record(span => {
      assert.equal(span.setAttribute('color', 'a'), span);
      assert.equal(span.setAttributes({ n: 1.5, yes: true, list: ['a', 'b'], none: undefined, bytes }), span);
      span.setAttribute('color', 'b').setAttribute('map', { a: { b: 1 } });
    });
    assert.equal(attributes['color'], 'b');
    assert.equal(attributes['n'], 1.5);
    assert.equal(attributes['yes'], true);
    assert.deepEqual(attributes['list'], ['a', 'b']);
    assert.deepEqual(attributes['map'], { a: { b: 1 } });
    assert.ok(!('none' in attributes));
    assert.ok('bytes' in attributes);
  });

  it('keeps an array as it was when it was set', () => {
    const list = ['a'];
    const span = record(one => {
      one.setAttribute('list', list);
      list.push('b');
    });
    assert.deepEqual(span.attributes['list'], ['a']);
  });

  it('survives values that are none', () => {
    const hostile = {
      __proto__: null,
      get bad(): string {
        throw new Error('x');
      },
    };
    const span = record(one => {
      one
        .setAttribute('', 'x')
        .setAttribute('f', (() => {}) as never)
        .setAttribute('s', Symbol('x') as never);
      one.setAttribute('n', null as never).setAttribute('d', new Date(0) as never);
      assert.throws(() => one.setAttributes(hostile), /x/);
    });
    assert.equal(span.name, 'work');
  });

  it('adds events with a name, attributes and a time, in both orders of arguments', () => {
    const { events } = record(span => {
      assert.equal(span.addEvent('bare'), span);
      span.addEvent('attributes', { a: 1 });
      span.addEvent('time', [1_700_000_000, 500_000_000]);
      span.addEvent('both', { a: 1 }, new Date(1_700_000_001_000));
      span.addEvent('two times', 1_700_000_002_000, 1_700_000_003_000);
    });
    assert.deepEqual(
      events.map(({ name, attributes }) => [name, attributes]),
      [
        ['bare', {}],
        ['attributes', { a: 1 }],
        ['time', {}],
        ['both', { a: 1 }],
        ['two times', {}],
      ],
    );
    assert.deepEqual(
      events.slice(2).map(({ time }) => time),
      [1_700_000_000_500, 1_700_000_001_000, 1_700_000_003_000],
    );
    assert.ok(Math.abs(events[0]!.time - Date.now()) < 60_000);
  });

  it('adds links, and drops one to nowhere', () => {
    const other = trace.getTracer('test').startSpan('other').spanContext();
    const span = record(one => {
      assert.equal(one.addLink({ context: other, attributes: { why: 'batch' } }), one);
      assert.equal(one.addLinks([{ context: other }, { context: INVALID_SPAN_CONTEXT }].slice(0, 1)), one);
      one.addLink({ context: { ...other, traceId: 'x' } });
    });
    assert.deepEqual(
      span.links.map(({ traceId, spanId, attributes }) => ({ traceId, spanId, attributes })),
      [
        { traceId: other.traceId, spanId: other.spanId, attributes: { why: 'batch' } },
        { traceId: other.traceId, spanId: other.spanId, attributes: {} },
      ],
    );
    assert.equal(span.droppedLinks, 1);
  });

  it('orders statuses as OK > ERROR > UNSET, and keeps the message of an error alone', () => {
    const { OK, ERROR, UNSET } = SpanStatusCode;
    const statusOf = (...codes: readonly [SpanStatusCode, string?][]) => {
      obs.spans.length = 0;
      return record(span => {
        for (const [code, message] of codes) {
          assert.equal(span.setStatus({ code, ...(message && { message }) }), span);
        }
      }).status;
    };
    assert.deepEqual(statusOf(), { code: 0 });
    assert.deepEqual(statusOf([ERROR, 'no']), { code: 2, message: 'no' });
    assert.deepEqual(statusOf([ERROR, 'no'], [ERROR, 'really']), { code: 2, message: 'really' });
    assert.deepEqual(statusOf([ERROR, 'no'], [UNSET]), { code: 2, message: 'no' });
    assert.deepEqual(statusOf([ERROR, 'no'], [OK, 'fine']), { code: 1 });
    assert.deepEqual(statusOf([OK], [ERROR, 'no']), { code: 1 });
    assert.deepEqual(statusOf([7 as SpanStatusCode]), { code: 0 });
  });

  it('changes its name', () => {
    const span = trace.getTracer('test').startSpan('before');
    assert.equal(span.updateName('after'), span);
    span.end();
    assert.equal(obs.span('after').spanId, span.spanContext().spanId);
  });

  it('is recording until its end, and deaf from then on', () => {
    const span = trace.getTracer('test').startSpan('work');
    assert.equal(span.isRecording(), true);
    assert.equal(span.end(), undefined);
    assert.equal(span.isRecording(), false);
    span.setAttribute('late', 1).addEvent('late').updateName('late').setStatus({ code: 2 });
    span.addLink({ context: span.spanContext() });
    span.recordException('late');
    span.end();
    assert.equal(obs.spans.length, 1);
    const { attributes, events, links, status, name } = obs.span('work');
    assert.deepEqual([attributes['late'], events, links, status.code, name], [undefined, [], [], 0, 'work']);
  });

  it('records an exception as an event, and leaves the status to its caller', () => {
    const error = new TypeError('card 4111 1111 1111 1111 refused');
    const { events, status } = record(span => {
      assert.equal(span.recordException(error), undefined);
      span.recordException('just a text', 1_700_000_000_000);
      span.recordException({ code: 'ECONNRESET' });
      span.recordException({ name: 'Odd', message: 'mail a@b.example', stack: 'at x' });
      span.recordException({} as never);
      span.recordException(null as never);
    });
    assert.deepEqual(status, { code: 0 });
    assert.deepEqual([...new Set(events.map(({ name }) => name))], ['exception']);
    const [first, second, ...rest] = events;
    assert.equal(first?.attributes['exception.type'], 'TypeError');
    assert.equal(first?.attributes['exception.message'], 'card [card] refused');
    assert.match(String(first?.attributes['exception.stacktrace']), /^TypeError: card \[card\] refused\n/);
    assert.deepEqual(
      [second?.attributes, second?.time],
      [{ 'exception.message': 'just a text' }, 1_700_000_000_000],
    );
    assert.deepEqual(
      rest.map(({ attributes }) => attributes),
      [
        { 'exception.type': 'ECONNRESET' },
        { 'exception.type': 'Odd', 'exception.message': 'mail [email]', 'exception.stacktrace': 'at x' },
      ],
    );
  });
});
