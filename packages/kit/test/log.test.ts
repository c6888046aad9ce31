import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Level } from '@plimsoll/wire';
import { RootContext } from '../src/signals/context/root.ts';
import { heldClock, openKit, recordsOf } from './support/kit.ts';

const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

function requestContext(requestId: string): RootContext {
  return Object.assign(new RootContext(), {
    requestId,
    ...{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', route: '/users/:id' },
  });
}

describe('a line', () => {
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

describe('levels', () => {
  test('change while running: root, name, child', () => {
    const { kit, lines } = openKit();
    const named = kit.log.named('db');
    const child = kit.log.child({ c: 1 });
    const own = kit.log.child({ c: 2 }, { level: 'error' });
    const all = [kit.log, named, child, own];
    const written = (level: Level): number[] => {
      const before = lines().length;
      for (const [at, log] of all.entries()) log[level]({ at }, 'x');
      return lines()
        .slice(before)
        .map(line => line['at'] as number);
    };
    assert.deepEqual(written('debug'), []);
    kit.log.level = 'debug';
    assert.deepEqual(written('debug'), [0, 1, 2]);
    named.level = 'warn';
    assert.deepEqual(written('info'), [0, 2]);
    // Whoever else asks for the name gets its level.
    kit.log.named('db').info('not written');
    assert.deepEqual(written('error'), [0, 1, 2, 3]);
    kit.core.log.setLevel('silent');
    assert.deepEqual(written('fatal'), [1, 3]);
    own.level = 'trace';
    assert.deepEqual(written('trace'), [3]);
    assert.equal(own.isLevelEnabled('trace'), true);
    assert.equal(kit.log.isLevelEnabled('fatal'), false);
  });

  test('that are none are ignored', () => {
    const { kit, lines } = openKit();
    for (const level of ['loud', 'toString', 'constructor', '', undefined]) {
      kit.log.level = level as Level;
      kit.log.child({}, { level: level as string }).info('still');
    }
    assert.equal(kit.log.level, 'info');
    assert.equal(lines().length, 5);
  });

  test('of the logger `http` are those of request lines', () => {
    const { kit } = openKit();
    const { log } = kit.core;
    assert.deepEqual([log.allows('info'), log.allows('debug')], [true, false]);
    log.setLevel('silent', 'http');
    assert.deepEqual([log.allows('info'), log.allows('fatal')], [false, false]);
    log.setLevel('error');
    log.setLevel('info', 'http');
    assert.deepEqual([log.allows('info'), kit.log.isLevelEnabled('info')], [true, false]);
  });
});

describe('lines before there is a sink', () => {
  test('are delivered to the first one, in order', async () => {
    const { loadConfig } = await import('../src/config/load.ts');
    const { createKit } = await import('../src/kernel/create-kit.ts');
    const kit = createKit({ config: loadConfig({ code: { service: 'early' }, env: {}, argv1: undefined }) });
    for (let n = 0; n < 150; n++) kit.log.warn({ n }, 'early');
    const seen: unknown[] = [];
    kit.onLine(line => seen.push((JSON.parse(line) as { n: number }).n));
    kit.log.warn({ n: -1 }, 'late');
    assert.equal(seen.length, 101);
    assert.deepEqual([seen[0], seen[99], seen[100]], [0, 99, -1]);
  });

  test('and a sink that throws costs the others nothing', () => {
    const { kit, raw } = openKit();
    kit.onLine(() => {
      throw new Error('a bad sink');
    });
    const after: string[] = [];
    kit.onLine(line => after.push(line));
    kit.log.warn('x');
    assert.equal(raw.length, 1);
    assert.equal(after.length, 1);
    assert.equal(kit.core.log.lost, 1);
  });
});
