import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN, beat, type Running, startDivan, tokenFor } from './support.ts';

/** One of each class that must not leave; the text is what a search for it looks for. */
const MARKERS = {
  key: 'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
  aws: 'AKIAIOSFODNN7EXAMPLE',
  bearer: 'Bearer mF_9.B5f-4.1JqM',
  email: 'marker.person@example.org',
  phone: '+31 6 12345678',
  position: '52.012345, 4.357891',
  text: 'the marker message nobody may read',
  login: 'https://marker:hunter2@db.example.org/x',
  user: 'marker-user-48213',
};
/** Parts that would give a marker away on their own. */
const PIECES = ['hunter2', '52.01234', '4.35789', 'mF_9', '12345678', '48213', 'marker message'];

const all = Object.values(MARKERS).join(' ');
const { text, user, ...valued } = MARKERS;
/** What can be told by its looks; prose and an opaque id are told only by the name they stand under. */
const telling = Object.values(valued).join(' ');

async function drive(divan: Running): Promise<void> {
  const jwt = await tokenFor(MARKERS.user, { campus_id: 'c-1' });
  const headers = { authorization: `Bearer ${jwt}`, cookie: `access_token=${jwt}; note=${MARKERS.key}` };
  const inUrl = encodeURIComponent(all);
  const spy = {
    ...headers,
    'user-agent': MARKERS.email,
    referer: MARKERS.login,
    'X-Request-Id': MARKERS.email,
  };
  const ask = (path: string, body?: unknown) => divan.call(path, { headers: spy, body });
  await ask('/presence/heartbeat', beat(52.012345, 4.357891));
  await ask('/presence/heartbeat', { ...beat(52.012345, 4.357891), accuracy_m: all });
  await ask('/chat/messages', { to_user_id: 'b', body: all, attachments: [] });
  await ask('/chat/messages', { to_user_id: all, body: all, [all]: { [all]: all } });
  await ask('/chat/messages', `{"body": "${all}`);
  const attachment = {
    attachment_id: 'f',
    media_type: 'image/png',
    file_name: all,
    remote_url: MARKERS.login,
  };
  await ask('/chat/messages', { to_user_id: 'b', body: all, attachments: [attachment] });
  await ask('/rooms', { name: all });
  await ask(`/proximity/nearby?radius_m=50&q=${inUrl}`);
  await ask(`/proximity/nearby?radius_m=${inUrl}`);
  await ask(`/chat/conversations/${inUrl}/messages?cursor=${inUrl}`);
  await ask(`/nothing/${inUrl}?${inUrl}`);
  await ask(`/ops/${inUrl}`);
  await divan.call('/presence/status/self', {
    headers: { authorization: MARKERS.bearer, 'X-User-Id': MARKERS.user },
  });
}

test('what is personal leaves divan in no log line, metric, span or ops answer', async t => {
  // The one who asks shares this process: its client spans are not divan's.
  const trace = { clients: false };
  const divan = await startDivan(t, { obs: { trace, log: { stdout: false, samplingRateInfo: 1 } } });
  const out: string[] = [];
  divan.obs.onLine(line => void out.push(line));
  divan.obs.on('span', span => void out.push(JSON.stringify(span, bigints)));
  divan.obs.onBytes('span', bytes => void out.push(Buffer.from(bytes).toString('latin1')));
  await drive(divan);
  const err = new Error(`${telling} failed`, { cause: new Error(telling) });
  const nested = { [telling]: [telling], message_body: text, ids: { userId: user } };
  divan.obs.log.error({ err, note: telling, nested, body: text, user_id: user }, telling);
  for (const path of ['/metrics', '/ops/recent', '/health', '/openapi.json', '/ops/']) {
    const answer = await divan.call(path, { headers: { 'X-Admin-Token': ADMIN } });
    assert.equal(answer.status, 200, path);
    out.push(answer.text);
  }
  await new Promise(resolve => setTimeout(resolve, 250));
  const written = out.join('\n');
  assert.ok(written.includes('http_request') && written.includes('POST'), 'something was written');
  for (const marker of [...Object.values(MARKERS), ...PIECES]) {
    const at = written.indexOf(marker);
    assert.equal(at, -1, `${marker} in: ${written.slice(Math.max(0, at - 200), at + 100)}`);
  }
});

const bigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
