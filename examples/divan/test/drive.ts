import assert from 'node:assert/strict';
import { ADMIN, beat, type Running } from './support.ts';

/** Every kind of call that a seed metric counts over HTTP, once each. */
export async function drive(divan: Running): Promise<void> {
  const me = { as: 'a', campus: 'c-1' };
  await divan.call('/presence/heartbeat', { ...me, body: beat(52, 4.37) });
  await divan.call('/presence/heartbeat', { ...me, body: beat(52, 4.37, { campus_id: 'c-2' }) });
  await divan.call('/proximity/nearby?radius_m=40', me);
  await divan.call('/invites', { ...me, body: { to_user_id: 'b' } });
  await divan.call('/invites/a/accept', { as: 'b', method: 'POST' });
  await divan.call('/chat/messages', { ...me, body: { to_user_id: 'b', body: 'hi' } });
  await divan.call('/chat/conversations/a/reads', { as: 'b', body: { read_seq: 1 } });
  const room = (await divan.call('/rooms', { ...me, body: { name: 'Chess' } })).body.room_id;
  await divan.call(`/rooms/${room}/join`, { as: 'b', method: 'POST' });
  assert.equal((await divan.call(`/rooms/${room}/messages`, { as: 'b', body: { body: 'hi' } })).status, 201);
  assert.equal((await divan.call(`/rooms/${room}/messages`, me)).body.items.length, 1);
  assert.equal((await divan.call(`/rooms/${room}/messages`, { as: 'c' })).status, 403);
  const activity = (await divan.call('/activities', { ...me, body: { kind: 'sport' } })).body.activity_id;
  assert.equal(
    (await divan.call(`/activities/${activity}/complete`, { as: 'b', method: 'POST' })).status,
    404,
  );
  assert.equal((await divan.call(`/activities/${activity}/complete`, { ...me, method: 'POST' })).status, 200);
  assert.equal(
    (await divan.call('/ops/rollover', { method: 'POST', headers: { 'X-Admin-Token': ADMIN } })).status,
    200,
  );
}

/** What the seed lists and HTTP can provoke. */
export const SEED: readonly string[] = [
  'http_requests_total{route="/chat/messages",method="POST",status="201"}',
  'http_request_duration_seconds_count{route="/chat/messages",method="POST"}',
  'presence_heartbeats_total{campus_id="c-1"}',
  'presence_rejects_total{reason="campus_mismatch"}',
  'proximity_queries_total{radius="50"}',
  'invites_sent_total',
  'invites_accept_total',
  'friendships_accepted_total',
  'chat_send_total',
  'chat_delivered_updates_total',
  'chat_read_updates_total',
  'rooms_created_total',
  'rooms_join_total',
  'rooms_send_total',
  'activities_created_total{kind="sport"}',
  'activities_completed_total{kind="sport"}',
  'lb_events_processed_total{stream="chat"}',
  'lb_snapshots_total{period="daily",scope="campus"}',
  'lb_snapshots_total{period="daily",scope="global"}',
  'jobs_runs_total{name="leaderboard_rollover",result="ok"}',
  'jobs_duration_seconds_count{name="leaderboard_rollover"}',
];
