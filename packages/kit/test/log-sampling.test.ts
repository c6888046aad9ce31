import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exchanges } from '../src/adapters/exchange.ts';
import { heldClock, openKit } from './support/kit.ts';

/** Ends one request with each status, as an adapter would. */
function requests(kit: ReturnType<typeof openKit>['kit'], statuses: readonly number[]): void {
  const exchanges = new Exchanges(kit);
  for (const status of statuses) {
    const exchange = exchanges.begin('GET', {});
    if (status >= 500) exchanges.fail(exchange, new Error('boom'));
    exchanges.finish(exchange, status, true);
  }
}

test('rate 0 drops info and keeps warnings, errors and the request lines of 5xx', () => {
  const { kit, lines } = openKit({ log: { samplingRateInfo: 0, samplingMode: 'always', level: 'debug' } });
  for (let n = 0; n < 100; n++) kit.log.info('dropped');
  kit.log.debug('kept');
  kit.log.warn('kept');
  kit.log.error('kept');
  kit.log.fatal('kept');
  requests(kit, [200, 302, 404, 500, 503]);
  assert.deepEqual(
    lines().map(line => [line['msg'], line['status']]),
    [
      ...Array.from({ length: 4 }, () => ['kept', undefined]),
      ['http_request_error', undefined],
      ['http_request', 500],
      ['http_request_error', undefined],
      ['http_request', 503],
    ],
  );
  assert.deepEqual(
    lines()
      .slice(4)
      .map(line => line['level']),
    ['error', 'error', 'error', 'error'],
  );
});

test('rate 1 keeps everything, in both modes', () => {
  for (const samplingMode of ['always', 'adaptive'] as const) {
    const { kit, raw } = openKit({ log: { samplingRateInfo: 1, samplingMode } });
    for (let n = 0; n < 5000; n++) kit.log.info('kept');
    assert.equal(raw.length, 5000);
  }
});

test('a rate between keeps about that part', () => {
  const { kit, raw } = openKit({ log: { samplingRateInfo: 0.1, samplingMode: 'always' } });
  for (let n = 0; n < 20_000; n++) kit.log.info('some');
  // Ten standard deviations to either side.
  assert.ok(raw.length > 1570 && raw.length < 2430, String(raw.length));
});

test('adaptive: a quiet process keeps every info line', () => {
  const clock = heldClock();
  const { kit, raw } = openKit({ log: { samplingRateInfo: 0, samplingMode: 'adaptive' } }, clock);
  for (let n = 0; n < 2000; n++) {
    kit.log.info('quiet');
    clock.move(6);
  }
  assert.equal(raw.length, 2000);
});

test('adaptive: a busy process keeps the first lines of a second, and all again once it is quiet', () => {
  const clock = heldClock();
  const { kit, raw, last } = openKit({ log: { samplingRateInfo: 0, busyLinesPerSecond: 50 } }, clock);
  for (let n = 0; n < 500; n++) kit.log.info('busy');
  assert.equal(raw.length, 50);
  kit.log.warn('never asked');
  assert.equal(last()['msg'], 'never asked');
  clock.move(1000);
  kit.log.info('the second before was busy');
  assert.equal(raw.length, 51);
  clock.move(2000);
  kit.log.info('quiet again');
  assert.equal(raw.length, 52);
});

test('adaptive: a clock that is set back does not keep the process busy', () => {
  const clock = heldClock();
  const { kit, raw } = openKit({ log: { samplingRateInfo: 0, busyLinesPerSecond: 50 } }, clock);
  for (let n = 0; n < 500; n++) kit.log.info('busy');
  clock.move(-3_600_000);
  kit.log.info('an hour earlier');
  assert.equal(raw.length, 51);
});

test('latency_ms is a number with three decimals at most', () => {
  const clock = heldClock();
  const { kit, last } = openKit({}, clock);
  const exchanges = new Exchanges(kit);
  for (const [ms, expected] of [
    [12.4824, 12.482],
    [0, 0],
    [0.0004, 0],
    [59_999.9996, 60_000],
  ] as const) {
    const exchange = exchanges.begin('GET', {});
    clock.move(ms);
    exchanges.finish(exchange, 200, true);
    assert.ok(Math.abs((last()['latency_ms'] as number) - expected) < 0.0011, String(last()['latency_ms']));
  }
});
