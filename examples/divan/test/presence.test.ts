import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beat, type Running, SECRET, sample, startDivan, tokenFor } from './support.ts';

const heartbeat = (divan: Running, as: string, body: object, campus?: string) =>
  divan.call('/presence/heartbeat', { as, body, ...(campus && { campus }) });

test('a heartbeat puts its user online, and offline takes the position away', async t => {
  const divan = await startDivan(t);
  const status = async () => (await divan.call('/presence/status/self', { as: 'u-1' })).body;
  assert.deepEqual(await status(), { online: false, ts: null });
  const { status: code, body } = await heartbeat(divan, 'u-1', beat(52, 4.37), 'c-1');
  assert.equal(code, 200);
  assert.equal(body.ok, true);
  assert.deepEqual(await status(), { online: true, ts: body.ts });
  assert.deepEqual((await divan.call('/presence/offline', { as: 'u-1', method: 'POST' })).body, { ok: true });
  assert.deepEqual(await status(), { online: false, ts: null });
  assert.equal(sample(await divan.metrics(), 'divan_presence_heartbeats_total{campus_id="c-1"}'), 1);
});

test('a heartbeat out of range is 422 and does not tell the position', async t => {
  const divan = await startDivan(t);
  const wrong = [
    { lat: 90.5 },
    { lon: -180.5 },
    { accuracy_m: 51 },
    { accuracy_m: 0 },
    { device_id: '' },
    { ts_client: 'now' },
  ];
  for (const field of wrong) {
    const { status, body, text } = await heartbeat(divan, 'u-1', { ...beat(52.123456, 4.654321), ...field });
    assert.deepEqual(
      [status, body.detail, body.errors[0].field],
      [422, 'validation_error', Object.keys(field)[0]],
    );
    assert.ok(!/52\.1|4\.65|90\.5|180\.5/.test(text));
  }
});

test('a jump that nobody can make is refused, a walk is not', async t => {
  let now = Date.parse('2026-03-04T12:00:00Z');
  const divan = await startDivan(t, { now: () => now });
  await heartbeat(divan, 'u-1', beat(52, 4.37));
  now += 10_000;
  assert.equal((await heartbeat(divan, 'u-1', beat(52.0005, 4.37))).status, 200);
  now += 10_000;
  const { status, body } = await heartbeat(divan, 'u-1', beat(53, 4.37));
  assert.deepEqual([status, body.detail], [400, 'implausible movement']);
  now += 3_600_000;
  assert.equal((await heartbeat(divan, 'u-1', beat(53, 4.37))).status, 200);
  assert.equal(sample(await divan.metrics(), 'divan_presence_rejects_total{reason="implausible"}'), 1);
});

test('another campus is 403', async t => {
  const divan = await startDivan(t);
  const { status, body } = await heartbeat(divan, 'u-1', beat(52, 4.37, { campus_id: 'c-2' }), 'c-1');
  assert.deepEqual([status, body.detail], [403, 'campus mismatch']);
  assert.equal(sample(await divan.metrics(), 'divan_presence_rejects_total{reason="campus_mismatch"}'), 1);
});

test('outside development 30 heartbeats a minute pass, and a campus needs membership', async t => {
  const divan = await startDivan(t, { obs: { env: 'production' }, now: () => 1_700_000_000_000 });
  const headers = { authorization: `Bearer ${await tokenFor('u-1', { campus_id: 'c-1' })}` };
  const stranger = { authorization: `Bearer ${await tokenFor('u-2')}` };
  const alien = await divan.call('/presence/heartbeat', {
    headers: stranger,
    body: beat(1, 2, { campus_id: 'c-1' }),
  });
  assert.deepEqual([alien.status, alien.body.detail], [403, 'campus mismatch']);
  for (let i = 0; i < 30; i += 1) {
    assert.equal((await divan.call('/presence/heartbeat', { headers, body: beat(52, 4.37) })).status, 200);
  }
  const last = await divan.call('/presence/heartbeat', { headers, body: beat(52, 4.37) });
  assert.deepEqual([last.status, last.body.detail], [429, 'rate limit']);
  assert.equal(last.headers.get('retry-after'), '40');
});

test('the heartbeat limit is a setting, also in development', async t => {
  const divan = await startDivan(t, {
    settings: { jwtSecret: SECRET, heartbeatsPerMinute: 2 },
    now: () => 0,
  });
  const codes = [];
  for (let i = 0; i < 3; i += 1) codes.push((await heartbeat(divan, 'u-1', beat(52, 4.37))).status);
  assert.deepEqual(codes, [200, 200, 429]);
  assert.equal((await heartbeat(divan, 'u-2', beat(52, 4.37))).status, 200);
  assert.equal(sample(await divan.metrics(), 'divan_presence_rejects_total{reason="rate_limit"}'), 1);
});
