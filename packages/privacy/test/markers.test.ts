import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column } from '@plimsoll/privacy';
import { COLUMNS, line, NONE, OUTWARD, privacy } from './support/privacy.ts';

/** What a value gives away wherever it stands. Each with the part that must be gone. */
const TEXTS: Readonly<Record<string, readonly [text: string, secret: string]>> = {
  'vendor key': ['sk-proj4Zk8Q1mX7vN2bT6wR9yL3', 'Zk8Q1mX7vN2bT6wR9yL3'],
  jwt: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJlMTIzNDU2', 'c2lnbmF0dXJlMTIzNDU2'],
  bearer: ['Bearer 7f3a9c1e5b2d8f4a6c0e', '7f3a9c1e5b2d8f4a6c0e'],
  'e-mail': ['anna.berg@mail.example.org', 'anna.berg'],
  phone: ['+49 170 5550123', '5550123'],
  card: ['4111 1111 1111 1111', '1111 1111'],
  coordinates: ['52.524371,13.410532', '52.524371'],
  login: ['https://anna:hunter2@example.org/x', 'hunter2'],
  'private key': [
    '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----',
    'MIIEvQIBADANBgkq',
  ],
  assignment: ['password=correcthorsebattery', 'correcthorsebattery'],
};

/** What only its name gives away. */
const NAMED: readonly (readonly [key: string, value: unknown, secret: string])[] = [
  ['user_id', 48213, '48213'],
  ['userId', '48213', '48213'],
  ['deviceId', 48213n, '48213'],
  ['client_ip', '203.0.113.77', '203.0.113.77'],
  ['session', 'sess-marker-1', 'sess-marker-1'],
  ['pin', 48213, '48213'],
  ['password', 'marker-pass', 'marker-pass'],
  ['cookie', ['marker-cookie'], 'marker-cookie'],
  ['apiKey', { value: 'marker-api' }, 'marker-api'],
  ['message_text', 'marker words of a person', 'marker words'],
  ['body', { text: 'marker words of a person' }, 'marker words'],
  ['caption', ['marker words'], 'marker words'],
  ['userLat', 52.52, '52.52'],
  ['geo', { y: 52.52, x: 13.41 }, '52.52'],
  ['coords', [52.52, 13.41], '52.52'],
  ['file_key', 'tenant/marker-object', 'marker-object'],
  ['url', 'https://example.org/users/48213?q=marker', '48213'],
  ['url', 'https://example.org/users/x?q=marker', 'marker'],
  ['path', '/home/marker/a.png', 'marker'],
  ['user', { id: 48213, name: 'marker', deep: { note: ['marker'] } }, '48213'],
  ['user', { id: 48213, name: 'marker', deep: { note: ['marker'] } }, 'marker'],
  ['users', { 48213: { score: 1 } }, '48213'],
  ['user_ids', [48213, '48213'], '48213'],
  ['device', { id: 'marker', serial: 'marker' }, 'marker'],
  ['sql', "SELECT 1 FROM t WHERE name = 'marker'", 'marker'],
];

/** A secret in every place that a value can take. */
function places(text: string): readonly unknown[] {
  const error = new Error(`failed for ${text}`, { cause: new TypeError(text) });
  class Holder {
    note = text;
    toString() {
      return text;
    }
  }
  return [
    { note: text },
    { note: `before ${text} after` },
    { [text]: 1 },
    { deep: { deeper: { [`x ${text}`]: { y: text } } } },
    { list: [text, [text], { note: text }] },
    { err: error },
    error,
    { set: new Set([text]), map: new Map<unknown, unknown>([[text, text]]) },
    { holder: new Holder(), json: { toJSON: () => text }, json2: { toJSON: () => ({ note: text }) } },
    {
      boxed: Object(text),
      symbol: Symbol(text),
      fn: { [text]: () => text }[text],
      pattern: new RegExp(text.replace(/[+/]/g, '\\$&')),
    },
    { note: `${'x '.repeat(125)}${text}`, tail: `${text} ${'x '.repeat(200)}` },
    text,
    [text],
  ];
}

function outputs(value: unknown, columns: readonly Column[]): readonly string[] {
  const p = privacy();
  const all = columns.map(column => JSON.stringify(p.redact(value, column)) ?? '');
  if (typeof value !== 'object' || value === null) return all;
  all.push(p.fields(value, NONE), p.fields(value, new Set(Object.keys(value))));
  for (const column of columns) all.push(JSON.stringify(p.attributes(value, column)));
  return all;
}

for (const [name, [text, secret]] of Object.entries(TEXTS)) {
  test(`no ${name} leaves in any column, from any place`, () => {
    for (const value of places(text)) {
      for (const out of outputs(value, COLUMNS)) assert.ok(!out.includes(secret), `${secret} in ${out}`);
    }
    assert.ok(!privacy().text(`x ${text} y`).includes(secret));
  });
}

test('no value leaves under a name that says what it is, at any depth', () => {
  for (const [key, value, secret] of NAMED) {
    for (const held of [{ [key]: value }, { a: { b: [{ [key]: value }] } }, { m: new Map([[key, value]]) }]) {
      for (const out of outputs(held, OUTWARD)) {
        assert.ok(!withoutDigests(out).includes(secret), `${key}: ${secret} in ${out}`);
      }
    }
  }
});

/** A digest may hold any five digits. */
function withoutDigests(text: string): string {
  return text.replace(/[0-9a-f]{32}/g, '');
}

test('a secret across the cut of a long text is found before the cut', () => {
  for (let at = 200; at < 300; at++) {
    const text = `${'a '.repeat(at).slice(0, at)} anna.berg@mail.example.org and so on${' b'.repeat(4000)}`;
    const { note } = line({ note: text });
    assert.ok(!String(note).includes('anna.be'), String(note));
  }
});

test('a secret across the end of what is looked at does not leave either', () => {
  const key = 'sk-proj4Zk8Q1mX7vN2bT6wR9yL3sk-proj4Zk8Q1mX7vN2bT6wR9yL3';
  for (let length = 2200; length < 2400; length += 3) {
    const filler = `${key} `.repeat(50).slice(0, length);
    const { note } = line({ note: `${filler} ${key}${'x'.repeat(3000)}` });
    assert.ok(!String(note).includes('Zk8Q1'), String(note));
  }
});

test('a card or an id that is a number is treated as its digits are', () => {
  assert.deepEqual(line({ n: 4111111111111111, epoch: 1764000000000, big: 9007199254740991 }), {
    n: '[card]',
    epoch: 1764000000000,
    big: 9007199254740991,
  });
});

test('a key is found behind a word of any length, and an address with the ending of a file', () => {
  const key = 'sk-proj-4Zk8Q1mX7vN2bT6wR9yL3';
  for (let length = 1; length < 20; length++) {
    for (const between of [' ', '/', ': ', '=']) {
      const { note } = line({ note: `so ${'w'.repeat(length)}${between}${key}` });
      assert.ok(!String(note).includes('Zk8Q1'), String(note));
    }
  }
  const { at, icon, chunk } = line({
    at: 'at read (/srv/app/anna.berg@mail.example.org.js:1:2)',
    icon: '/img/icon@2x.png',
    chunk: '/js/vendor@1.24.0.min.js',
  });
  assert.deepEqual(
    [at, icon, chunk],
    ['at read (/srv/app/[email]:1:2)', '/img/icon@2x.png', '/js/vendor@1.24.0.min.js'],
  );
});
