import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { SpanKind, trace } from '@opentelemetry/api';
import { attributesOf, type Registered, registered } from './otel/open.ts';

let obs: Registered;
before(async () => {
  obs = await registered();
});
after(() => obs.close());
beforeEach(() => {
  obs.spans.length = 0;
});

describe('the times of a span', () => {
  const start = 1_700_000_000_000;
  const run = (startTime: unknown, endTime: unknown): readonly [number, number] => {
    obs.spans.length = 0;
    trace
      .getTracer('test')
      .startSpan('timed', { startTime: startTime as number })
      .end(endTime as number);
    const span = obs.span('timed');
    return [span.startTime, span.endTime];
  };

  it('are epoch milliseconds, Dates, or seconds and nanoseconds', () => {
    assert.deepEqual(run(start, start + 5.25), [start, start + 5.25]);
    assert.deepEqual(run(new Date(start), new Date(start + 7)), [start, start + 7]);
    assert.deepEqual(run([1_700_000_000, 0], [1_700_000_001, 250_000_000]), [start, start + 1250]);
  });

  it('are readings of performance.now, where the number is too small for anything else', () => {
    const reading = performance.now();
    const [from, to] = run(reading, reading + 0);
    assert.ok(Math.abs(from - (performance.timeOrigin + reading)) < 1000);
    assert.equal(from, to);
  });

  it('never make a span end before its start', () => {
    assert.deepEqual(run(start, start - 1000), [start, start]);
  });

  it('are now where they are no times', () => {
    for (const bad of [Number.NaN, new Date(Number.NaN), 'soon', [1], {}, null]) {
      const [from] = run(bad, undefined);
      assert.ok(Math.abs(from - Date.now()) < 60_000);
    }
  });
});

describe('what a span was started with', () => {
  it('is there when it ends: kind, attributes, links, start', () => {
    const tracer = trace.getTracer('test');
    const other = tracer.startSpan('other').spanContext();
    const kinds = [
      SpanKind.INTERNAL,
      SpanKind.SERVER,
      SpanKind.CLIENT,
      SpanKind.PRODUCER,
      SpanKind.CONSUMER,
      9 as SpanKind,
    ];
    for (const kind of kinds) {
      tracer.startSpan(`kind ${kind}`, { kind, attributes: { a: 1 }, links: [{ context: other }] }).end();
    }
    assert.deepEqual(
      obs.spans.map(({ spanKind }) => spanKind),
      ['internal', 'server', 'client', 'producer', 'consumer', 'internal'],
    );
    assert.deepEqual(attributesOf(obs.span('kind 0')), { a: 1 });
    assert.equal(obs.span('kind 0').links[0]?.spanId, other.spanId);
  });

  it('loses what is personal on its way out', () => {
    const attributes = {
      'db.query.text': "SELECT * FROM users WHERE mail = 'a@b.example' AND pin = 987654321",
      'user.id': 'u-17',
      'url.full': 'https://me:secret@shop.example/cart?token=zyx-wvu',
      'url.query': '?token=zyx-wvu',
      'http.request.header.authorization': 'Bearer zyx-wvu',
    };
    trace.getTracer('test').startSpan('call a@b.example', { attributes }).end();
    const [span] = obs.spans;
    assert.equal(span?.name, 'call [email]');
    assert.equal(span?.attributes['db.query.text'], 'SELECT * FROM users WHERE mail = ? AND pin = ?');
    assert.match(String(span?.attributes['user.id']), /^[0-9a-f]{32}$/);
    assert.equal(span?.attributes['url.full'], 'https://shop.example/cart');
    assert.doesNotMatch(JSON.stringify(span), /zyx-wvu|secret|u-17|987654321/);
  });

  it('of a Redis command shows its name and none of its arguments', () => {
    for (const system of ['db.system', 'db.system.name']) {
      const attributes = { [system]: 'redis', 'db.query.text': 'set presence:u-17 [1 other arguments]' };
      trace.getTracer('test').startSpan(system, { attributes }).end();
      assert.equal(obs.span(system).attributes['db.query.text'], 'set ?');
    }
  });
});
