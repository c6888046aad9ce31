import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { metrics, ROOT_CONTEXT, trace, ValueType } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type Registered, registered } from './otel/open.ts';
import { samples, scrape, seriesOf } from './unit/metrics/scrape.ts';

let obs: Registered;
before(async () => {
  obs = await registered({ namespace: 'divan' });
});
after(() => obs.close());
const meter = metrics.getMeter('test', '1');
const now = () => metrics.getMeterProvider().getMeter('test', '1');
const read = async (series: string): Promise<string | undefined> =>
  (await samples(obs.kit.metrics)).get(series);
const families = () => obs.kit.metrics.snapshot();

it('a meter that was asked for before anything was registered is the API’s own, which does nothing', () => {
  assert.doesNotThrow(() => meter.createCounter('early').add(1));
});

describe('a counter', () => {
  it('adds up, with attributes and without', async () => {
    const counter = now().createCounter('orders.placed', { description: 'Orders', unit: '{order}' });
    counter.add(1);
    counter.add(2.5, { 'shop.name': 'a' });
    counter.add(1, { 'shop.name': 'a' });
    assert.equal(await read('orders_placed_total{shop_name=""}'), '1');
    assert.equal(await read('orders_placed_total{shop_name="a"}'), '3.5');
    assert.match(
      await scrape(obs.kit.metrics),
      /# HELP orders_placed_total Orders\n# TYPE orders_placed_total counter\n/,
    );
  });

  it('never goes down, nor takes what is no number', async () => {
    const counter = now().createCounter('only.up');
    counter.add(2);
    for (const bad of [-1, Number.NaN, Infinity, '1', undefined, null]) counter.add(bad as number);
    assert.equal(await read('only_up_total'), '2');
  });

  it('of whole numbers cuts the rest off', async () => {
    now().createCounter('whole', { valueType: ValueType.INT }).add(2.9);
    assert.equal(await read('whole_total'), '2');
  });

  it('points to the trace that was active, or that it is given, where it is sampled', async () => {
    const counter = now().createCounter('pointing');
    const tracer = trace.getTracerProvider().getTracer('t');
    const exemplar = () => {
      const family = families().find(({ name }) => name === 'pointing_total');
      return family?.type === 'counter' ? family.points[0]?.exemplar : undefined;
    };
    counter.add(1);
    assert.equal(exemplar(), undefined);
    tracer.startActiveSpan('a', span => {
      counter.add(1);
      assert.equal(exemplar()?.spanId, span.spanContext().spanId);
      const other = tracer.startSpan('b');
      counter.add(1, {}, trace.setSpan(ROOT_CONTEXT, other));
      assert.equal(exemplar()?.spanId, other.spanContext().spanId);
      counter.add(1, {}, suppressTracing(ROOT_CONTEXT));
      assert.equal(exemplar()?.spanId, other.spanContext().spanId);
    });
  });
});

it('an up-down counter goes both ways', async () => {
  const counter = now().createUpDownCounter('queue.length');
  counter.add(5, { q: 'a' });
  counter.add(-7, { q: 'a' });
  assert.equal(await read('queue_length{q="a"}'), '-2');
});

it('a gauge is what was recorded last', async () => {
  const gauge = now().createGauge('room.temperature', { unit: 'Cel' });
  gauge.record(21, { room: 'a' });
  gauge.record(-3.5, { room: 'a' });
  assert.equal(await read('room_temperature_celsius{room="a"}'), '-3.5');
});

describe('a histogram', () => {
  it('has the bounds that were advised, and takes no negative value', async () => {
    const advice = { explicitBucketBoundaries: [1, 10] };
    const histogram = now().createHistogram('size', { unit: 'By', advice });
    for (const value of [0.5, 5, 50, -1]) histogram.record(value, { k: 'v' });
    assert.equal(await read('size_bytes_bucket{k="v",le="1"}'), '1');
    assert.equal(await read('size_bytes_bucket{k="v",le="10"}'), '2');
    assert.equal(await read('size_bytes_count{k="v"}'), '3');
    assert.equal(await read('size_bytes_sum{k="v"}'), '55.5');
  });

  it('has bounds that fit its unit where none were advised', async () => {
    now().createHistogram('took', { unit: 's' }).record(0.2);
    now().createHistogram('took.ms', { unit: 'ms' }).record(200);
    assert.equal(await read('took_seconds_bucket{le="0.25"}'), '1');
    assert.equal(await read('took_ms_milliseconds_bucket{le="250"}'), '1');
  });
});

describe('what is asked when it is read', () => {
  it('is a total, a level that adds up, or a level', async () => {
    let n = 0;
    now()
      .createObservableCounter('seen', { unit: 's' })
      .addCallback(result => {
        n += 10;
        result.observe(n, { a: 1 });
      });
    now()
      .createObservableUpDownCounter('held')
      .addCallback(result => result.observe(-n));
    now()
      .createObservableGauge('load', { unit: '1' })
      .addCallback(async result => result.observe(n / 100));
    assert.equal(await read('seen_seconds_total{a="1"}'), '10');
    assert.equal(await read('seen_seconds_total{a="1"}'), '20');
    assert.equal(await read('held'), '-30');
    assert.equal(await read('load_ratio'), '0.4');
  });

  it('calls a callback once however often it was added, and not after it was removed', async () => {
    let calls = 0;
    const gauge = now().createObservableGauge('counted.calls');
    const callback = () => {
      calls += 1;
    };
    gauge.addCallback(callback);
    gauge.addCallback(callback);
    await scrape(obs.kit.metrics);
    assert.equal(calls, 1);
    gauge.removeCallback(callback);
    await scrape(obs.kit.metrics);
    assert.equal(calls, 1);
  });

  it('forgets a level that is observed no more', async () => {
    let rooms = ['a', 'b'];
    const gauge = now().createObservableGauge('open.rooms');
    gauge.addCallback(result => {
      for (const room of rooms) result.observe(1, { room });
    });
    await scrape(obs.kit.metrics);
    rooms = ['b', 'c'];
    assert.deepEqual((await seriesOf(obs.kit.metrics, 'open_rooms')).sort(), [
      'open_rooms{room="b"}',
      'open_rooms{room="c"}',
    ]);
  });

  it('takes the last value of one reading for the same attributes', async () => {
    const gauge = now().createObservableCounter('twice');
    gauge.addCallback(result => {
      result.observe(1, { a: 1 });
      result.observe(5, { a: 1 });
    });
    assert.equal(await read('twice_total{a="1"}'), '5');
  });

  it('asks a batch for all of its observables, and for no other', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map(name => now().createObservableGauge(`batch.${name}`));
    let calls = 0;
    const callback = (result: { observe(metric: never, value: number): void }) => {
      calls += 1;
      for (const one of [a, b, c]) result.observe(one as never, calls);
    };
    now().addBatchObservableCallback(callback, [a!, b!]);
    now().addBatchObservableCallback(callback, [b!, a!]);
    assert.equal(await read('batch_a'), '1');
    assert.equal(await read('batch_b'), '2');
    assert.equal(await read('batch_c'), undefined);
    now().removeBatchObservableCallback(callback, [a!]);
    await scrape(obs.kit.metrics);
    assert.equal(calls, 4);
    now().removeBatchObservableCallback(callback, [a!, b!]);
    await scrape(obs.kit.metrics);
    assert.equal(calls, 4);
  });

  it('survives a callback that throws, rejects, or never answers', async () => {
    const gauge = now().createObservableGauge('steady');
    const hanging = () => new Promise<void>(() => {});
    const callbacks = [
      () => {
        throw new Error('x');
      },
      async () => {
        throw new Error('y');
      },
      hanging,
    ];
    for (const callback of callbacks) gauge.addCallback(callback);
    gauge.addCallback(result => result.observe(1));
    assert.equal(await read('steady'), '1');
    for (const callback of callbacks) gauge.removeCallback(callback);
  });

  it('is in a snapshot too', () => {
    now()
      .createObservableGauge('snapped')
      .addCallback(result => result.observe(3));
    const family = families().find(({ name }) => name === 'snapped');
    assert.deepEqual(family?.points[0], { labels: [], value: 3 });
  });
});
