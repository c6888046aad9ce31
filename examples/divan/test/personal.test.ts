import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCollector } from './collector.ts';
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
  storage: 'uploads/marker/48213/portrait.png',
  user: 'marker-user-48213',
};
/** Parts that would give a marker away on their own; a figure counts where it is not the middle of another. */
const PIECES = [
  /hunter2|mF_9|marker message/,
  /(?<![\w.])(?:52\.01234|4\.35789|12345678)/,
  /(?<![\w.])48213(?!\w)/,
];

const all = Object.values(MARKERS).join(' ');
const { text, user, storage, ...valued } = MARKERS;
/** What can be told by its looks; prose, a storage key and an opaque id are told only by the name they stand under. */
const telling = Object.values(valued).join(' ');

/** Gives back what the failures said; a success may show the caller's own words. */
async function drive(divan: Running, jwt: string): Promise<string[]> {
  const failures: string[] = [];
  const headers = { authorization: `Bearer ${jwt}`, cookie: `access_token=${jwt}; note=${MARKERS.key}` };
  const inUrl = encodeURIComponent(all);
  const spy = {
    ...headers,
    'user-agent': MARKERS.email,
    referer: MARKERS.login,
    'X-Request-Id': MARKERS.email,
  };
  const ask = async (path: string, body?: unknown) => {
    const answer = await divan.call(path, { headers: spy, body });
    if (answer.status >= 400) failures.push(answer.text, JSON.stringify([...answer.headers]));
  };
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
  await ask('/near/52.012345/4.357891/48213');
  await divan.call('/presence/status/self', {
    headers: { authorization: MARKERS.bearer, 'X-User-Id': MARKERS.user },
  });
  return failures;
}

test('what is personal leaves divan in no log line, metric, span, ops answer or export', async t => {
  const collector = await startCollector(t);
  const otlp = { endpoint: collector.url, scheduleDelayMs: 20 };
  const divan = await startDivan(t, { obs: { otlp, log: { stdout: false, samplingRateInfo: 1 } } });
  const out: string[] = [];
  divan.obs.onLine(line => void out.push(line));
  divan.obs.on('span', span => void out.push(JSON.stringify(span, bigints)));
  divan.obs.onBytes('span', bytes => void out.push(Buffer.from(bytes).toString('latin1')));
  const jwt = await tokenFor(MARKERS.user, { campus_id: 'c-1' });
  const failures = await drive(divan, jwt);
  assert.ok(failures.length > 10);
  out.push(...failures);
  const err = new Error(`${telling} failed`, { cause: new Error(`${telling} ${jwt}`) });
  const nested = { [telling]: [telling], message_body: text, ids: { userId: user }, file_key: storage };
  divan.obs.log.error({ err, note: telling, nested, body: text, user_id: user, userId: 48213 }, telling);
  divan.obs.trace.span(
    'marked',
    { attributes: { note: telling, 'user.id': user, file_key: storage } },
    () => {},
  );
  for (const path of ['/metrics', '/ops/recent', '/health', '/health/startup', '/openapi.json', '/ops/']) {
    const answer = await divan.call(path, { headers: { 'X-Admin-Token': ADMIN } });
    assert.equal(answer.status, 200, path);
    out.push(answer.text);
  }
  // What waits is sent, and its client spans are among it: this process asked what it serves.
  await divan.close();
  for (const body of collector.raw) out.push(body.toString('latin1'));
  const { spans, logs, metrics, resources } = collector;
  assert.ok(spans.some(span => span.spanKind === 'client') && logs.length > 0 && metrics.length > 0);
  out.push(JSON.stringify({ spans, logs, metrics, resources }, bigints));
  const written = out.join('\n');
  assert.ok(written.includes('http_request') && written.includes('POST'), 'something was written');
  for (const marker of [...Object.values(MARKERS), jwt, jwt.split('.')[2]!]) {
    for (const form of [marker, encodeURIComponent(marker)]) absent(written, written.indexOf(form));
  }
  for (const piece of PIECES) absent(written, written.search(piece));
});

/** What looks a little like something personal, and is not. */
const KEPT = {
  latency_ms: 4.1,
  platform: 'web',
  template: 'welcome-2',
  video: 'h264',
  width: 1920,
  provider: 'postgres',
  note: '0af7651916cd43dd8448eb211c80319c 7c1f3c1e-51c0-4a55-9f0e-62b7a0f1d9aa 01JNQ0T1W9B5X8M3K7C2R4D6F8',
  started: '2026-03-04T12:00:00.250000Z',
  release: 'v1.24.0-rc.1',
  price: 'EUR 1,299.00',
};

test('what only looks personal arrives as it was, in the line and in the span', async t => {
  const collector = await startCollector(t);
  const otlp = { endpoint: collector.url, scheduleDelayMs: 20 };
  const divan = await startDivan(t, { obs: { otlp, log: { stdout: false, samplingRateInfo: 1 } } });
  const lines: string[] = [];
  divan.obs.onLine(line => void lines.push(line));
  divan.obs.log.info(KEPT, 'kept');
  divan.obs.trace.span('kept', { attributes: KEPT }, () => {});
  await divan.close();
  const line = lines.map(one => JSON.parse(one)).find(one => one.msg === 'kept');
  const sent = collector.logs.find(log => log.body === 'kept')?.attributes;
  const span = collector.spans.find(one => one.name === 'kept')?.attributes;
  for (const [name, value] of Object.entries(KEPT)) {
    assert.deepEqual([line[name], sent?.[name], span?.[name]], [value, value, value], name);
  }
});

const absent = (written: string, at: number): void =>
  assert.equal(at, -1, `a marker in: ${written.slice(Math.max(0, at - 300), at + 100)}`);
const bigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
