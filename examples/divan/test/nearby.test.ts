import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bucket, metres } from '../src/geo.ts';
import { newPerson } from '../src/people.ts';
import type { Person } from '../src/store/store.ts';
import { type Answer, beat, type Json, type Running, SECRET, sample, startDivan } from './support.ts';

const HERE = { lat: 52.0022, lon: 4.3736 };
/** Degrees of latitude that a metre takes. */
const METRE = 1 / 111_195;

const look = (divan: Running, query: string, as = 'me') =>
  divan.call(`/proximity/nearby?${query}`, { as, campus: 'c-1' });
const found = (answer: Answer) => answer.body.items.map((item: Json) => [item.user_id, item.distance_m]);

/** Puts people of campus c-1 so many metres north of `me`. */
async function campus(
  t: TestContext,
  away: Record<string, number>,
  options: Parameters<typeof startDivan>[1] = {},
) {
  const divan = await startDivan(t, options);
  const stand = (as: string, metresAway: number, campusId = 'c-1') =>
    divan.call('/presence/heartbeat', {
      as,
      campus: campusId,
      body: beat(HERE.lat + metresAway * METRE, HERE.lon),
    });
  await stand('me', 0);
  for (const [as, metresAway] of Object.entries(away)) await stand(as, metresAway);
  const change = async (userId: string, rest: Partial<Person>) =>
    divan.store.people.put({ ...newPerson(userId, 'c-1'), ...rest });
  return { divan, stand, change };
}

test('nearby is sorted, honours the radius, leaves the asker out and tells distance in steps', async t => {
  const { divan, stand } = await campus(t, { far: 95, near: 12, mid: 47, beyond: 480 });
  await stand('elsewhere', 20, 'c-2');
  const near = await look(divan, 'radius_m=100');
  assert.equal(near.status, 200);
  assert.deepEqual(found(near), [
    ['near', 20],
    ['mid', 50],
    ['far', 100],
  ]);
  assert.equal(near.body.cursor, null);
  assert.deepEqual(found(await look(divan, 'radius_m=50&mode=live')), [
    ['near', 20],
    ['mid', 50],
  ]);
  assert.equal(found(await look(divan, 'radius_m=100000')).length, 4);
  assert.deepEqual(
    found(await look(divan, 'radius_m=30&scope=global')),
    [
      ['elsewhere', 30],
      ['near', 20],
    ].reverse(),
  );
  assert.deepEqual(found(await look(divan, 'radius_m=5')), [['near', 20]], 'too small a circle is widened');
  const text = await divan.metrics();
  assert.equal(sample(text, 'divan_proximity_queries_total{radius="100"}'), 1);
  assert.equal(sample(text, 'divan_proximity_queries_total{radius="100000"}'), 1);
});

test('a room is at most 100 m wide and knows no campus', async t => {
  const { divan, stand } = await campus(t, { near: 12, beyond: 150 });
  await stand('guest', 30, 'c-2');
  assert.deepEqual(
    found(await look(divan, 'radius_m=5000&mode=room')),
    [
      ['near', 20],
      ['guest', 40],
    ].sort((a, b) => Number(a[1]) - Number(b[1])),
  );
});

test('blocks, visibility and blur hold in every mode', async t => {
  const { divan, change } = await campus(t, { open: 10, ghost: 11, friendly: 12, foe: 13, blurred: 14 });
  await change('ghost', { visibility: 'nobody' });
  await change('friendly', { visibility: 'friends' });
  await change('blurred', { blurM: 75 });
  await divan.call('/blocks', { as: 'foe', body: { user_id: 'me' } });
  for (const mode of ['live', 'room', 'campus']) {
    const answer = await look(divan, `radius_m=100&mode=${mode}`);
    assert.deepEqual(
      found(answer).map(([id]: [string]) => id),
      ['open', 'blurred'],
      mode,
    );
    assert.deepEqual(found(answer)[1], ['blurred', 75]);
  }
  await divan.call('/invites', { as: 'me', body: { to_user_id: 'friendly' } });
  await divan.call('/invites/me/accept', { as: 'friendly', method: 'POST' });
  const friends = await look(divan, 'radius_m=100&filter=friends');
  assert.deepEqual(
    friends.body.items.map((item: Json) => [item.user_id, item.is_friend]),
    [['friendly', true]],
  );
  const text = await divan.metrics();
  for (const name of ['invites_sent_total', 'invites_accept_total', 'friendships_accepted_total']) {
    assert.equal(sample(text, `divan_${name}`), 1, name);
  }
});

test('a profile has five fields, and comes when it is asked for', async t => {
  const { divan } = await campus(t, { near: 12 });
  const own = {
    display_name: 'Ada',
    headline: 'hi',
    major: 'Physics',
    year: 2027,
    interests: 'chess',
    languages: 'nl',
  };
  assert.equal((await divan.call('/profile', { as: 'near', method: 'PATCH', body: own })).status, 200);
  const item = async (include: string) => (await look(divan, `radius_m=50${include}`)).body.items[0];
  const base = { user_id: 'near', display_name: 'Ada', handle: 'near', is_friend: false };
  assert.deepEqual(await item(''), { ...base, distance_m: 20 });
  const { display_name, ...profile } = own;
  assert.deepEqual(await item('&include=profile'), { ...base, ...profile });
  assert.deepEqual(await item('&include=profile&include=distance'), { ...base, distance_m: 20, ...profile });
});

test('campus and city list the directory, also who is not there', async t => {
  const { divan, change } = await campus(t, { near: 12 });
  await change('absent', {});
  await divan.store.people.put({ ...newPerson('citizen', 'c-2'), city: 'Delft' });
  await divan.store.people.put({ ...newPerson('me', 'c-1'), city: 'Delft' });
  assert.deepEqual(found(await look(divan, 'radius_m=1&mode=campus')), [
    ['near', 20],
    ['absent', undefined],
  ]);
  assert.deepEqual(found(await look(divan, 'radius_m=1&mode=city')), [['citizen', undefined]]);
});

test('a live search pages without a gap or a repeat, and refuses a bad cursor', async t => {
  const { divan } = await campus(t, { a: 5, b: 6, c: 7, d: 25, e: 35 });
  const seen: string[] = [];
  let cursor: string | null = '';
  for (let pages = 0; cursor !== null && pages < 9; pages += 1) {
    const answer: Answer = await look(divan, `radius_m=100&limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...found(answer).map(([id]: [string]) => id));
    cursor = answer.body.cursor;
  }
  assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e']);
  const bad = await look(divan, 'radius_m=100&cursor=nonsense');
  assert.deepEqual([bad.status, bad.body.detail], [400, 'invalid_cursor']);
});

test('a stale position is no position, for the asker and for the others', async t => {
  let now = Date.parse('2026-03-04T12:00:00Z');
  const { divan, stand } = await campus(t, { old: 10 }, { now: () => now });
  now += 121_000;
  const gone = await look(divan, 'radius_m=50');
  assert.deepEqual([gone.status, gone.body.detail], [400, 'presence not found']);
  await stand('me', 0);
  assert.deepEqual(found(await look(divan, 'radius_m=50')), []);
});

test('a bad query is 422, another campus 403', async t => {
  const { divan } = await campus(t, {});
  const wrong = [
    '',
    'radius_m=0',
    'radius_m=100001',
    'radius_m=x',
    'radius_m=9&filter=x',
    'radius_m=9&mode=x',
    'radius_m=9&limit=201',
    'radius_m=9&include=secrets',
  ];
  for (const query of wrong) assert.equal((await look(divan, query)).status, 422, query);
  const { status, body } = await look(divan, 'radius_m=9&campus_id=c-2');
  assert.deepEqual([status, body.detail], [403, 'campus mismatch']);
  assert.equal(sample(await divan.metrics(), 'divan_proximity_queries_total{radius="10"}'), undefined);
});

test('searches past the limit are 429, and none is when it is raised', async t => {
  const settings = { jwtSecret: SECRET, nearbyPerMinute: 3 };
  const { divan } = await campus(t, {}, { settings, now: () => 1_700_000_000_000 });
  const codes = [];
  for (let i = 0; i < 4; i += 1) codes.push((await look(divan, 'radius_m=50')).status);
  assert.deepEqual(codes, [200, 200, 200, 429]);
  const raised = await campus(t, {}, { settings: { ...settings, nearbyPerMinute: 100_000 } });
  const all = await Promise.all(Array.from({ length: 400 }, () => look(raised.divan, 'radius_m=50')));
  assert.ok(all.every(({ status }) => status === 200));
});

test('distances are those of the earth, and steps round up', () => {
  const delft = { lat: 52.0116, lon: 4.3571 };
  const utrecht = { lat: 52.0907, lon: 5.1214 };
  assert.ok(Math.abs(metres(delft, utrecht) - 53_000) < 500);
  assert.deepEqual(
    [0, 0.1, 10, 10.1, 99].map(distance => bucket(distance, 0)),
    [10, 10, 10, 20, 100],
  );
  assert.equal(bucket(12, 75), 75);
});
