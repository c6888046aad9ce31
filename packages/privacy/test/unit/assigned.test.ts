import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privacy } from '../support/privacy.ts';

const { text } = privacy();

const JUDGED: readonly (readonly [string, string])[] = [
  ['{\\"password\\":\\"hunter2\\"}', '{\\"password\\":\\"[redacted]\\"}'],
  ['body was {"password":"hunter2', 'body was {"password":"[redacted]'],
  ['{"token":["abc","def"]}', '{"token":[redacted]}'],
  ["password = 'it\\'s me'", "password = '[redacted]'"],
  ['Cookie: sid=abc; theme=dark', 'Cookie: [redacted]'],
  ['authorization: Digest username="anna"', 'authorization: [redacted]'],
  ['Server=db;User Id=sa;Password=Pa55w0rd!;', 'Server=db;User Id=sa;Password=[redacted];'],
  ['token%3Dabcdefgh12', 'token=[redacted]'],
  ['user_id=48213 not found', 'user_id=[redacted] not found'],
  ['{"userId":48213}', '{"userId":[redacted]}'],
  ['userIds=48213,48214', 'userIds=[redacted]'],
  ['ip=10.20.30.40 refused', 'ip=[redacted] refused'],
  ['{"lat":40.015,"lng":-75.2}', '{"lat":[position],"lng":[position]}'],
  ['?caption=hello+anna&page=2', '?caption=[redacted]&page=2'],
  ['{"caption":"hello anna","page":2}', '{"caption":"[redacted]","page":2}'],
];

test('an assignment in text is judged by its name, in code, JSON, headers and queries', () => {
  for (const [given, wanted] of JUDGED) assert.equal(text(given), wanted);
});

const UNTOUCHED = [
  ...[
    'bypass=true',
    'compass: north',
    'max_tokens=4096',
    'token_count: 12',
    'latency_ms=12.482',
    'users=1500',
  ],
  ...[
    'Unexpected token: identifier',
    'tests pass: 30',
    'session: expired',
    'password: null',
    'users: 12, ids: 4',
  ],
  ...[
    'where user_id = ? and token = $1',
    'join posts on posts.user_id = users.id',
    'width=10',
    'provider: x',
  ],
];

test('names that only look alike, counts, prose and parameters stay', () => {
  for (const given of UNTOUCHED) assert.equal(text(given), given);
});

const PEOPLE: readonly (readonly [string, string])[] = [
  ['user 48213 not found', 'user [id] not found'],
  ['user #48213', 'user #[id]'],
  ['session f47ac10b-58cc-4372-a567-0e02b2c3d479 ended', 'session [id] ended'],
  ['GET /users/48213/posts 404', 'GET /users/[id]/posts 404'],
  ['user id: 48213', 'user id: [id]'],
];

test('a number after a word for a person is that person', () => {
  for (const [given, wanted] of PEOPLE) assert.equal(text(given), wanted);
  for (const given of [
    '12 users (1500 total)',
    'sessions 2000',
    'user 12 of 20',
    'asset 48213',
    '/jobs/48213',
  ]) {
    assert.equal(text(given), given);
  }
});

test('a URL in text loses its query, a password with a slash its whole login', () => {
  assert.equal(text('GET https://example.org/s?q=anna+berg failed'), 'GET https://example.org/s?… failed');
  assert.equal(text('postgres://svc:p4/ss@db:5432/x'), 'postgres://[redacted]@db:5432/x');
  for (const given of [
    'https://example.org/@anna/post',
    'http://localhost:8000/a',
    'icon@2x.png',
    'npm@10.2.3',
  ]) {
    assert.equal(text(given), given);
  }
});

test('what is percent-encoded is read decoded, twice if need be', () => {
  for (const secret of [
    '4111 1111 1111 1111',
    '52.520008, 13.404954',
    '+49 170 5550123',
    'Bearer abc123def456',
  ]) {
    const once = text(encodeURIComponent(secret));
    assert.match(once, /^(?:Bearer )?\[[a-z]+\]$/);
    assert.equal(text(encodeURIComponent(encodeURIComponent(secret))), once);
  }
  for (const given of ['100%25 sure', 'caf%C3%A9', 'a%20b', '50% off']) assert.equal(text(given), given);
});

test('positions are found in either order and by name', () => {
  assert.equal(text('lon,lat -122.4194,37.7749'), 'lon,lat [position]');
  assert.equal(text('51.5074° N, 0.1278° W'), '[position]');
  assert.equal(text('near latitude 40.01501'), 'near latitude [position]');
});
