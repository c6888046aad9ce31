import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RootContext } from '../src/signals/context/root.ts';
import { heldClock, openKit, recordsOf } from './support/kit.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

function requestContext(requestId: string): RootContext {
  return Object.assign(new RootContext(), {
    requestId,
    ...{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', route: '/users/:id' },
  });
}

describe('a line', () => {
  test("shows no address of its logger's name, as a record neither", () => {
    const { kit, raw } = openKit();
    const records = recordsOf(kit);
    kit.log.named('inbox ada@example.com').child({ n: 1 }).warn('full');
    for (const text of [raw[0], JSON.stringify(records)]) {
      assert.match(String(text), /inbox /);
      assert.doesNotMatch(String(text), /ada@/);
    }
  });

  test('is one JSON object on one line, with the required keys', () => {
    const { kit, raw, lines } = openKit({ log: { level: 'trace' } });
    for (const level of LEVELS) kit.log[level]({ n: 1, text: 'two\nlines\u2028' }, `a ${level}\nline`);
    assert.equal(raw.length, LEVELS.length);
    for (const [at, line] of lines().entries()) {
      assert.ok(!raw[at]?.includes('\n'));
      assert.equal(line['level'], LEVELS[at]);
      assert.equal(line['msg'], `a ${LEVELS[at]}\nline`);
      assert.match(line['ts'] as string, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
      assert.equal(line['logger'], 'app');
      assert.equal(line['service'], 'demo-api');
      assert.equal(line['env'], 'production');
      assert.equal(line['commit'], 'a1b2c3d');
    }
  });

  test('is compact, and says the time to the microsecond', () => {
    const { kit, raw } = openKit({}, heldClock(Date.UTC(2026, 2, 4, 10) + 123.456));
    kit.log.warn({ room: 'r1' }, 'full');
    assert.equal(
      raw[0],
      '{"ts":"2026-03-04T10:00:00.123456+00:00","level":"warn","msg":"full","logger":"app",' +
        '"service":"demo-api","env":"production","commit":"a1b2c3d","room":"r1"}',
    );
  });

  test('has the ids of the request it was written in, and none after it', () => {
    const { kit, lines } = openKit();
    kit.context.run(requestContext('req-1'), () => {
      kit.log.info('in');
      kit.log.named('db').info({ ms: 4.1 }, 'in too');
    });
    kit.log.info('after');
    const [first, second, after] = lines();
    for (const line of [first, second]) {
      assert.equal(line?.['request_id'], 'req-1');
      assert.equal(line?.['trace_id'], '4bf92f3577b34da6a3ce929d0e0e4736');
      assert.equal(line?.['span_id'], '00f067aa0ba902b7');
      assert.equal(line?.['route'], '/users/:id');
    }
    for (const key of ['request_id', 'trace_id', 'span_id', 'route']) assert.ok(!(key in (after ?? {})), key);
  });

  test('has no trace id in a context that has no trace', () => {
    const { kit, last } = openKit();
    kit.context.run(kit.trace.extract({}), () => kit.log.info('from a queue'));
    assert.ok(!('trace_id' in last()) && !('span_id' in last()));
  });

  test('keeps the ids of parallel work apart', async () => {
    const { kit, lines } = openKit();
    const work = async (id: string): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) {
        await new Promise(resolve => setImmediate(resolve));
        kit.log.info({ mine: id }, 'working');
      }
    };
    const ids = Array.from({ length: 200 }, (_, n) => `req-${n}`);
    await Promise.all(ids.map(id => kit.context.run(requestContext(id), () => work(id))));
    assert.equal(lines().length, 1000);
    for (const line of lines()) assert.equal(line['request_id'], line['mine']);
  });

  test('carries what the request bound, and a user as a hash', () => {
    const { kit, lines, raw } = openKit();
    kit.context.run(requestContext('req-1'), () => {
      kit.context.bind({ tenant: 'north' });
      kit.context.user(48_213);
      kit.log.info('a');
      kit.log.bind({ tenant: 'bound' }).info({ n: 2 }, 'b');
    });
    for (const line of lines()) {
      assert.equal(line['tenant'], 'north');
      assert.match(line['user_id'] as string, /^[0-9a-f]{32}$/);
    }
    assert.ok(!raw.join('').includes('48213'));
  });

  test('shows the user id itself only where the service asked for it', () => {
    const { kit, last } = openKit({ log: { userId: 'raw' } });
    kit.context.run(requestContext('req-1'), () => {
      kit.context.user('u-"1"');
      kit.log.info('a');
    });
    assert.equal(last()['user_id'], 'u-"1"');
  });
});

describe('core fields', () => {
  test('are not overwritten by fields, whether bound or of one call', () => {
    const { kit, lines } = openKit();
    const evil = {
      ...{ ts: 'x', level: 'x', msg: 'x', logger: 'x', service: 'x', env: 'x', commit: 'x' },
      ...{ request_id: 'x', correlation_id: 'x', trace_id: 'x', span_id: 'x', route: 'x' },
    };
    kit.context.run(requestContext('req-1'), () => {
      kit.log.info(evil, 'per call');
      kit.log.bind(evil).info('bound');
      kit.log.bind(evil).info(evil, 'both');
      kit.context.bind(evil);
      kit.log.info('of the request');
    });
    for (const line of lines()) {
      for (const key of Object.keys(evil)) assert.notEqual(line[key], 'x', `${String(line['msg'])}: ${key}`);
      assert.equal(line['request_id'], 'req-1');
      assert.equal(line['extra_level'], 'x');
    }
  });

  test('appear once each: no line has a key twice', () => {
    const { kit, raw } = openKit();
    const bound = kit.log.bind({ a: 1, level: 'x' });
    bound.info({ a: 2, level: 'y' }, 'twice');
    assert.equal(raw[0]?.match(/"a":/g)?.length, 1);
    assert.equal(raw[0]?.match(/"level":/g)?.length, 1);
    assert.equal(raw[0]?.match(/"extra_level":/g)?.length, 1);
    assert.ok(raw[0]?.includes('"a":2'));
  });

  test('are safe in records too', () => {
    const { kit } = openKit();
    const records = recordsOf(kit);
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, n]));
    kit.context.run(requestContext('req-1'), () =>
      kit.log.info({ request_id: 'x', route: 'x', ...fields }, 'a'),
    );
    const [record] = records;
    assert.equal(record?.attributes['request_id'], 'req-1');
    assert.equal(record?.attributes['route'], '/users/:id');
    assert.equal(record?.attributes['f19'], 19);
    assert.equal(record?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
  });
});

describe('bound fields', () => {
  test('do not reach the parent, and can be taken off', () => {
    const { kit, lines } = openKit();
    const child = kit.log.bind({ a: 1, b: 2 });
    const grandchild = child.child({ b: 3, c: 4 });
    const less = grandchild.unbind('b', 'absent');
    for (const log of [kit.log, child, grandchild, less, child]) log.info('x');
    const seen = lines().map(({ a, b, c }) => [a, b, c]);
    assert.deepEqual(seen, [
      [undefined, undefined, undefined],
      [1, 2, undefined],
      [1, 3, 4],
      [1, undefined, 4],
      [1, 2, undefined],
    ]);
    assert.deepEqual(less.bindings(), { a: 1, c: 4 });
  });

  test('stay with a logger of another name', () => {
    const { kit, last } = openKit();
    kit.log.bind({ a: 1 }).named('db', { pool: 2 }).info('x');
    const { logger, a, pool } = last();
    assert.deepEqual({ logger, a, pool }, { logger: 'db', a: 1, pool: 2 });
  });

  test('are copied: what the caller does to its object afterwards changes nothing', () => {
    const { kit, last } = openKit();
    const fields = { a: 1 };
    const child = kit.log.bind(fields);
    fields.a = 2;
    child.info('x');
    assert.equal(last()['a'], 1);
  });
});
