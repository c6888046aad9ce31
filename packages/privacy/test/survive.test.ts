import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { line, privacy } from './support/privacy.ts';

/** Data that detectors like to eat. */
const TEXTS = `
6d7c9f52-2a1f-4f0a-9d55-0e9f0a3c7711
00000000-0000-0000-0000-000000000000
018f4e9c-7b1a-7c3d-9e5f-123456789012
01ARZ3NDEKTSV4RRFFQ69G5FAV
01890A5D-AC96-774B-BCCE-B302099A8057
4bf92f3577b34da6a3ce929d0e0e4736
00f067aa0ba902b7
00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
da39a3ee5e6b4b0d3255bfef95601890afd80709
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
507f1f77bcf86cd799439011
a1b2c3d
1764000000
1764000000123
1764000000123456
1764000000123456789
1764000000.123
1.2.3
10.20.30.40
1.2.3-beta.4+build.567
v24.21.0
2026.11.23
2026-11-23
2026-11-23T10:00:00.123456+00:00
2026-11-23T10:00:00Z
20261123T100000Z
23.11.2026
11/23/2026
10:00:00.123
$1,234.56
1.234,56 €
EUR 1234567.89
12,345,678.90
0.123456
3.14159, 2.71828182845904523
1234567890123
100 200 300 400 500 600
1.5s 200.123ms 3.25%
http://example.org/chat/messages
https://example.org:8443/a/b.html
POST /chat/messages 201 12.482
/users/:id/posts
GET /x HTTP/1.1
127.0.0.1:8000
[::1]:8000
fe80::1ff:fe23:4567:890a
application/json; charset=utf-8
text/html
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36
W/"5e-Qk3+yOX8XrJ9Pz"
sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
@plimsoll/privacy@0.1.0
node:internal/modules/run_main:101:5
    at Object.<anonymous> (/srv/app/dist/index.js:10:15)
the basic idea of it, a bearer of news
token bucket is full
keys: 3, users: 12, ids: 4
x = 1, y: 2, a == b
5 of 7 (71.4 %)
ISBN 978-3-16-148410-0
order 12345-67890
pages 100-200, 2020-2026
1920x1080
4:3 16:9
résumé naïve 日本語 💥
`
  .trim()
  .split('\n');

test('ids, times, versions, money and prose pass through as they are', () => {
  const { text } = privacy();
  const eaten = TEXTS.filter(one => text(one) !== one).map(one => `${one} → ${text(one)}`);
  assert.deepEqual(eaten, []);
  for (const one of TEXTS) assert.equal(line({ note: one })['note'], one);
});

test('fresh ids of every kind pass through', () => {
  const { text } = privacy();
  for (let i = 0; i < 2000; i++) {
    const id = randomUUID();
    assert.equal(text(id), id);
    assert.equal(text(id.replaceAll('-', '')), id.replaceAll('-', ''));
    const sentence = `request ${id} of asset ${id.slice(0, 8)} done`;
    assert.equal(text(sentence), sentence);
  }
});

test('numbers of any size keep their value', () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), n => {
      const { x } = line({ x: n });
      assert.equal(x, JSON.parse(JSON.stringify(n)));
    }),
  );
});

test('names that only look like sensitive ones keep their values', () => {
  const fields = {
    ...{ latency_ms: 4.1, platform: 'web', template: 'main', video: 'intro', width: 1280, provider: 'acme' },
    ...{ related: 'x', somebody: 'x', long_description: 'x', max_tokens: 100, prompt_tokens: 7, status: 201 },
    ...{
      request_id: 'r-1',
      trace_id: 'abc',
      message_id: 'm-1',
      asset_id: 'a-1',
      job: 'rollover',
      scene: 's',
    },
    ...{ side: 'left', keyboard: 'de', monkey: 'see', user_count: 3, users: 12, tokens: 5, sessions: 2 },
    ...{ has_token: true, password: null, user_agent: 'curl/8', body_size: 10, content_type: 'text/html' },
  };
  assert.deepEqual(line(fields), fields);
});

test("an operation's attributes keep what dashboards read", () => {
  const attributes = {
    ...{ 'http.request.method': 'GET', 'http.route': '/users/:id', 'http.response.status_code': 200 },
    ...{
      'server.address': 'localhost',
      'server.port': 3000,
      'service.name': 'demo',
      'error.type': 'TypeError',
    },
    ...{ 'db.system.name': 'postgresql', 'network.protocol.version': '1.1', 'user_agent.original': 'curl/8' },
    ...{
      big: 9223372036854775807n,
      nan: Number.NaN,
      inf: Number.POSITIVE_INFINITY,
      list: ['a', 'b'],
      yes: true,
    },
  };
  assert.deepEqual(privacy().attributes(attributes, 'spans'), attributes);
});
