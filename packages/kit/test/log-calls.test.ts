import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Opened, openKit } from './support/kit.ts';

const SECRET = 'sk-abcdefghij0123456789ABCDEFGHIJ';

/** What JavaScript may hand over, whatever the types say. */
const anyInfo =
  (kit: Opened['kit']) =>
  (...args: unknown[]): void =>
    kit.log.info(...(args as [string]));

describe("pino's call forms", () => {
  test('message alone, with arguments, with fields, with both', () => {
    const { kit, lines } = openKit();
    kit.log.info('plain');
    kit.log.info('100% %s', 'sure');
    kit.log.info({ a: 1 }, 'fields');
    kit.log.info({ a: 1 }, '%s of %d', 'two', 3);
    kit.log.info({ a: 1 });
    kit.log.info({ event: 'room_created', a: 1 });
    kit.log.info({ a: 1 }, undefined);
    anyInfo(kit)(null, 'after null');
    anyInfo(kit)(undefined, 'after undefined');
    anyInfo(kit)();
    anyInfo(kit)(42);
    assert.deepEqual(
      lines().map(line => line['msg']),
      [
        ...['plain', '100% sure', 'fields', 'two of 3', 'log', 'room_created', 'log'],
        ...['after null', 'after undefined', '', '42'],
      ],
    );
    assert.ok(
      lines()
        .slice(2, 6)
        .every(line => line['a'] === 1),
    );
  });

  test('an error first, alone or with a message, or under `err`', () => {
    const { kit, lines } = openKit();
    const error = new TypeError('it broke', { cause: new Error('why') });
    kit.log.error(error);
    kit.log.error(error, 'while saving');
    kit.log.error({ err: error, a: 1 });
    kit.log.error({ err: error }, 'while loading');
    assert.deepEqual(
      lines().map(line => line['msg']),
      ['it broke', 'while saving', 'it broke', 'while loading'],
    );
    for (const line of lines()) {
      const err = line['err'] as Record<string, unknown>;
      assert.equal(err['type'], 'TypeError');
      assert.equal(err['message'], 'it broke');
      assert.match(err['stack'] as string, /\n\s+at /);
      assert.equal((err['cause'] as Record<string, unknown>)['message'], 'why');
    }
  });

  test('objects in a message pass the policy', () => {
    const { kit, raw, last } = openKit();
    anyInfo(kit)('user %o %j', { password: 'hunter2' }, { token: 'abc' });
    anyInfo(kit)('user', { password: 'hunter2', name: 'x' });
    kit.log.info('failed: %s', new Error(`with ${SECRET}`));
    assert.ok(!/hunter2|"abc"|sk-abc/.test(raw.join('\n')), raw.join('\n'));
    assert.equal(last()['msg'], 'failed: with [OPENAI_KEY_REDACTED]');
  });
});

describe('values that JSON does not know', () => {
  const circular: Record<string, unknown> = { name: 'loop' };
  circular['self'] = circular;
  const throwing = {
    fine: 1,
    get bad(): never {
      throw new Error('a getter');
    },
  };
  const hostileProxy = new Proxy(
    {},
    {
      get: () => {
        throw new Error('get');
      },
      ownKeys: () => {
        throw new Error('ownKeys');
      },
      getPrototypeOf: () => {
        throw new Error('getPrototypeOf');
      },
    },
  );
  const deep: Record<string, unknown> = {};
  let at = deep;
  for (let n = 0; n < 5000; n++) {
    const next = {};
    at['in'] = next;
    at = next;
  }
  const cases: [string, unknown][] = [
    ['a cycle', circular],
    ['a BigInt', 2n ** 70n],
    ['a function', () => SECRET],
    ['a class', class Thing {}],
    ['a symbol', Symbol('s')],
    ['a Date', new Date(0)],
    ['a Date that is none', new Date(Number.NaN)],
    ['an Error', new Error('e')],
    [
      'a Map',
      new Map<unknown, unknown>([
        [{}, 1],
        ['k', circular],
      ]),
    ],
    ['a Set', new Set([1, new Set([2])])],
    ['NaN', Number.NaN],
    ['Infinity', Number.NEGATIVE_INFINITY],
    ['minus zero', -0],
    ['a throwing getter', throwing],
    ['a throwing toJSON', { toJSON: () => assert.fail('toJSON') }],
    ['a toJSON that lies', { toJSON: () => circular }],
    ['a hostile proxy', hostileProxy],
    ['a revoked proxy', revoked()],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['a buffer', Buffer.from('x'.repeat(1000))],
    ['5,000 levels', deep],
    ['10,000 keys', Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, n]))],
    ['a lone surrogate', '\ud800 and \udc00'],
    ['NUL and DEL', '\u0000\u007f'],
    ['__proto__', JSON.parse('{"__proto__":{"polluted":true}}')],
    ['a boxed string', new String('boxed')],
    ['a promise', Promise.resolve(1)],
    ['a regular expression', /x/g],
    ['null', null],
    ['undefined', undefined],
  ];

  for (const [name, value] of cases) {
    test(`${name} never throws and stays valid JSON, wherever it stands`, () => {
      const { kit, raw, lines } = openKit({ log: { level: 'trace' } });
      const info = anyInfo(kit);
      info({ value }, 'a field');
      info({ nested: { list: [value] } }, 'nested');
      info(value);
      info(value, 'first');
      info('an argument %s %d %j %o', value, value, value, value);
      info({ a: 1 }, value);
      kit.log.bind({ value }).info('bound');
      kit.log.child({ value }).bind({ a: 1 }).info({ value }, 'bound and given');
      kit.log.bind(value as Record<string, unknown>).info('as fields');
      kit.log.named('n', value as Record<string, unknown>).info('as fields of a name');
      const context = kit.trace.extract({});
      kit.context.run(context, () => {
        kit.context.bind({ value });
        info(value, 'in a context');
      });
      assert.equal(kit.core.log.lost, 0);
      assert.equal(raw.length, 11);
      for (const line of lines()) assert.equal(line['level'], 'info');
      assert.ok(!raw.join('').includes(SECRET));
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    });
  }

  function revoked(): object {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }
});

describe('secrets', () => {
  const shapes: [string, string, string][] = [
    ['an OpenAI key', SECRET, '[OPENAI_KEY_REDACTED]'],
    ['a Replicate token', `r8_${'Ab1'.repeat(12)}`, '[REPLICATE_TOKEN_REDACTED]'],
    ['a Telegram token', `123456789:${'AAbb_cc-1'.repeat(4)}`, '[TELEGRAM_TOKEN_REDACTED]'],
    ['a Dropbox token', `sl.${'Ab1-_'.repeat(25)}`, '[DROPBOX_TOKEN_REDACTED]'],
    ['an S3 key id', 'access_key_id=AKIAABCDEFGHIJKLMNOP', '[S3_ACCESS_KEY_REDACTED]'],
    ['an S3 secret', `secret_access_key: ${'wJalrXUtnFEMI/K7'.repeat(3)}`, '[S3_SECRET_KEY_REDACTED]'],
    ['an R2 address', `https://${'0a'.repeat(16)}.r2.cloudflarestorage.com`, '[R2_ENDPOINT_REDACTED]'],
    ['a GitHub token', 'ghp_0123456789abcdefABCDEF0123456789abcd', '['],
    ['a bearer', `Bearer ${'abc.DEF-123_'.repeat(4)}`, '['],
    ['an e-mail', 'someone@example.org', '[email]'],
  ];
  for (const [name, secret, word] of shapes) {
    test(`${name} is replaced in message, field, nested field, list, error, stack and key`, () => {
      const { kit, raw } = openKit();
      const bare = secret.slice(secret.search(/[^=:\s]+$/));
      kit.log.warn(`message ${secret} and more`);
      kit.log.warn('argument %s', secret);
      kit.log.warn({ note: secret }, 'field');
      kit.log.warn({ a: { b: { note: `x ${secret}` } } }, 'nested');
      kit.log.warn({ list: ['x', [secret]] }, 'list');
      kit.log.warn({ err: new Error(`error ${secret}`, { cause: new Error(secret) }) }, 'error');
      kit.log.warn(new Error(`error ${secret}`));
      kit.log.warn({ a: { [secret]: 1 } }, 'key');
      kit.log.bind({ note: secret }).warn('bound');
      for (const line of raw) {
        assert.ok(!line.includes(bare), line);
        assert.ok(line.includes(word), line);
      }
      assert.equal(raw.length, 9);
    });
  }

  test('and what only looks like one survives', () => {
    const { kit, last } = openKit();
    const kept = {
      ...{ latency_ms: 12.482, platform: 'web', template: 'a', video: 'b', width: 3, provider: 'c' },
      ...{ related: 'd', long_description: 'e', status: 201 },
    };
    kit.log.info(kept, 'kept');
    for (const [key, value] of Object.entries(kept)) assert.equal(last()[key], value, key);
  });
});
