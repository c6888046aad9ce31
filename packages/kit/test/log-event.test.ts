import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openKit } from './support/kit.ts';

const event = () => openKit({ log: { format: 'event' } });

describe('the event format', () => {
  test('has timestamp and event, sorted keys at every depth, and non-ASCII as it is', () => {
    const { kit, raw, last } = event();
    kit.log.info({ zeta: { b: 1, a: 2 }, path: 'x', component: 'ü' }, 'room_created');
    const keys = Object.keys(last());
    assert.deepEqual(keys, keys.toSorted());
    assert.deepEqual(Object.keys(last()['zeta'] as object), ['a', 'b']);
    assert.equal(last()['event'], 'room_created');
    assert.equal(last()['level'], 'info');
    assert.equal(last()['logger'], 'app');
    assert.match(last()['timestamp'] as string, /\+00:00$/);
    assert.ok(!('ts' in last()) && !('msg' in last()));
    assert.ok(raw[0]?.includes('"ü"'));
  });

  test('lets an event or a timestamp beat the message and the clock, the one of the call before the bound one', () => {
    const { kit, lines } = event();
    const bound = kit.log.bind({ event: 'bound', timestamp: 'then' });
    bound.info('text');
    bound.info({ event: 'given' }, 'text');
    kit.log.info({ event: 'given' });
    assert.deepEqual(
      lines().map(line => [line['event'], line['timestamp'] === 'then']),
      [
        ['bound', true],
        ['given', true],
        ['given', false],
      ],
    );
  });

  test('puts a message that is no text under `message`', () => {
    const { kit, lines } = event();
    kit.log.info(42 as never);
    kit.log.info({ a: 1 });
    assert.deepEqual(
      lines().map(({ event, message, a }) => ({ event, message, a })),
      [
        { event: 'log', message: 42, a: undefined },
        { event: 'log', message: undefined, a: 1 },
      ],
    );
  });
});
