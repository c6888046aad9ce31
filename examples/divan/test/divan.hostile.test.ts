import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { hasFixtures, jsonDocuments, naughtyStrings } from './fixtures.ts';
import { ADMIN, beat, type Json, type Running, startDivan } from './support.ts';

const JSON_BODY = { 'content-type': 'application/json' };

/** Every log line of this divan, as it is written. */
function linesOf(divan: Running): string[] {
  const lines: string[] = [];
  divan.obs.onLine(line => void lines.push(line));
  return lines;
}

function assertLines(lines: readonly string[]): void {
  assert.ok(lines.length > 100);
  for (const line of lines) {
    const record = JSON.parse(line);
    assert.ok(typeof record === 'object' && record !== null && !Array.isArray(record));
    assert.ok(!line.includes('\n'));
  }
}

test('no naughty string in a body, a query, a path or a label makes a 5xx or a broken log line', async t => {
  if (!hasFixtures(t)) return;
  const divan = await startDivan(t, { obs: { log: { stdout: false, samplingRateInfo: 1 } } });
  const lines = linesOf(divan);
  await divan.call('/presence/heartbeat', { as: 'a', body: beat(1, 2) });
  for (const text of naughtyStrings()) {
    const inUrl = encodeURIComponent(text.toWellFormed());
    divan.obs.log.info({ text, [text]: 1 }, text);
    const answers = await Promise.all([
      divan.call('/chat/messages', { as: 'a', body: { to_user_id: 'b', body: text, client_msg_id: text } }),
      divan.call('/chat/messages', { as: 'a', body: { to_user_id: text, body: 'x', [text]: text } }),
      divan.call('/chat/messages', { as: 'a', body: text }),
      divan.call('/rooms', { as: 'a', body: { name: text } }),
      divan.call('/profile', { as: 'a', method: 'PATCH', body: { headline: text } }),
      divan.call(`/chat/conversations/${inUrl}/messages?cursor=${inUrl}`, { as: 'a' }),
      divan.call(`/proximity/nearby?radius_m=${inUrl}&filter=${inUrl}&${inUrl}=${inUrl}`, { as: 'a' }),
      divan.call(`/proximity/nearby?radius_m=9&campus_id=${inUrl}`, { as: 'a' }),
      divan.call(`/${inUrl}`, { as: 'a' }),
      divan.call(`/ops/${inUrl}`, { headers: { 'X-Admin-Token': ADMIN } }),
    ]);
    for (const answer of answers) assert.ok(answer.status < 500, `${JSON.stringify(text)}: ${answer.text}`);
  }
  assertLines(lines);
});

test('no naughty string in a header makes a 5xx, or comes back in an id', async t => {
  if (!hasFixtures(t)) return;
  const divan = await startDivan(t);
  const lines = linesOf(divan);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const body = JSON.stringify({ to_user_id: 'b', body: 'hi' });
  for (const text of naughtyStrings()) {
    // As bytes on the wire; what no client can send at all is left out.
    const value = Buffer.from(text, 'utf8')
      .toString('latin1')
      .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '');
    const names = [
      'X-Request-Id',
      'X-Correlation-ID',
      'traceparent',
      'tracestate',
      'baggage',
      'Idempotency-Key',
    ];
    for (const name of [
      ...names,
      'X-User-Id',
      'X-Campus-Id',
      'X-User-Roles',
      'Authorization',
      'Cookie',
      'X-Forwarded-For',
    ]) {
      const { status, headers } = await post(divan, {
        agent,
        headers: { 'X-User-Id': 'a', [name]: value },
        body,
      });
      assert.ok(status < 500, `${name}: ${JSON.stringify(text)}`);
      assert.match(String(headers['x-request-id']), /^[A-Za-z0-9._:-]{1,128}$/);
    }
  }
  assertLines(lines);
});

interface Posting {
  readonly agent: Agent;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function post({ origin }: Running, { agent, headers, body }: Posting): Promise<Json> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: 'POST', headers: { ...JSON_BODY, ...headers } };
    request(`${origin}/chat/messages`, options, answer => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }));
    })
      .on('error', reject)
      .end(body);
  });
}

test('every document of the JSON test suite is parsed or refused, never a 5xx', async t => {
  if (!hasFixtures(t)) return;
  const divan = await startDivan(t);
  for (const [name, bytes] of jsonDocuments()) {
    for (const path of ['/chat/messages', '/presence/heartbeat', '/ops/log-level']) {
      const headers = { ...JSON_BODY, 'X-User-Id': 'a', 'X-Admin-Token': ADMIN };
      const { status } = await fetch(divan.origin + path, {
        method: 'POST',
        headers,
        body: new Uint8Array(bytes),
      });
      assert.ok(status >= 400 && status < 500, `${name} ${path} ${status}`);
      if (path.startsWith('/ops') || name.startsWith('i_')) continue;
      if (name.startsWith('y_')) assert.ok(status === 422, `${name} must parse: ${status}`);
      else assert.ok(status === 400 || status === 413, `${name} must not parse: ${status}`);
    }
  }
});
