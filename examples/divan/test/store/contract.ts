// Long because it is one list of what every store must show.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { boxAround } from '../../src/geo.ts';
import { newPerson } from '../../src/people.ts';
import type { Draft, IdempotencyKey, Message, Person, SendOutcome, Store } from '../../src/store/store.ts';
import { ulid } from '../../src/ulid.ts';

let count = 0;
/** Names that no other test of the run uses, so that all can share one database. */
const unique = (word: string) => `${word}-${process.pid}-${count++}`;

function draftOf(conversationId: string, body = 'hello', recipientId = 'b'): Draft {
  return {
    messageId: ulid(),
    clientMsgId: 'c',
    conversationId,
    senderId: 'a',
    recipientId,
    body,
    attachments: [],
    at: 1000,
  };
}
const keyOf = (key = unique('key'), hash = 'h', userId = 'a'): IdempotencyKey => ({
  userId,
  route: '/chat/messages',
  key,
  hash,
});

function sent(outcome: SendOutcome): Message {
  assert.notEqual(outcome.outcome, 'conflict');
  return (outcome as { message: Message }).message;
}

/** What every store of divan must do; each implementation runs all of it. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  suite(`the ${name} store`, () => {
    let store: Store;
    before(async () => {
      store = await open();
    });
    after(() => store?.close());

    test('knows no version before it is migrated, and migrates twice without harm', async () => {
      assert.equal(await store.version(), undefined);
      await Promise.all([store.migrate(), store.migrate()]);
      await store.migrate();
      assert.match((await store.version()) ?? '', /^\d{4}$/);
      await store.ping();
    });
    chatContract(() => store);
    idempotencyContract(() => store);
    peopleContract(() => store);
    placesContract(() => store);
    groupsContract(() => store);
    boardContract(() => store);
  });
}

function chatContract(store: () => Store): void {
  test('numbers a conversation from 1 without gaps under 50 sends at once', async () => {
    const conversation = unique('chat');
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, i) => store().chat.send(draftOf(conversation, `m${i}`), keyOf())),
    );
    const seqs = all.map(outcome => sent(outcome).seq).sort((a, b) => a - b);
    assert.deepEqual(
      seqs,
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
  });

  test('pages newest first, and gives every field back as it was', async () => {
    const conversation = unique('chat:with:colons');
    const attachments = [{ attachment_id: 'f1', media_type: 'image/png', size_bytes: 3 }];
    const draft = { ...draftOf(conversation, 'ünïcode 🙂 "quotes" \u2028'), attachments };
    await store().chat.send(draft, keyOf());
    for (let i = 0; i < 4; i += 1) await store().chat.send(draftOf(conversation, `m${i}`), keyOf());
    const first = await store().chat.page(conversation, 'a', { limit: 3 });
    assert.deepEqual(
      first.map(({ seq }) => seq),
      [5, 4, 3],
    );
    const rest = await store().chat.page(conversation, 'a', { before: 3, limit: 3 });
    assert.deepEqual(
      rest.map(({ seq }) => seq),
      [2, 1],
    );
    assert.deepEqual(rest[1], { ...draft, seq: 1, deliveredAt: null });
  });

  test('keeps a message in the outbox until it is delivered, once', async () => {
    const conversation = unique('chat');
    for (let i = 0; i < 3; i += 1) await store().chat.send(draftOf(conversation), keyOf());
    await store().chat.send(draftOf(conversation, 'back', 'a'), keyOf());
    assert.equal((await store().chat.outbox(conversation, 'b', 10)).length, 3);
    const span = { from: 1, to: 2, at: 5000 };
    assert.deepEqual(await store().chat.markDelivered(conversation, 'b', span), { fresh: 2, last: 4 });
    assert.deepEqual(await store().chat.markDelivered(conversation, 'b', span), { fresh: 0, last: 4 });
    assert.deepEqual(
      (await store().chat.outbox(conversation, 'b', 10)).map(({ seq }) => seq),
      [3],
    );
    const everything = { from: 1, to: Number.MAX_SAFE_INTEGER, at: 6000 };
    assert.deepEqual(await store().chat.markRead(conversation, 'b', everything), { fresh: 3, last: 4 });
    assert.deepEqual(await store().chat.markRead(conversation, 'b', everything), { fresh: 0, last: 4 });
    assert.deepEqual(await store().chat.markDelivered(unique('none'), 'b', span), { fresh: 0, last: 0 });
  });

  test('hides a cleared conversation from one side, and goes on counting', async () => {
    const conversation = unique('chat');
    await store().chat.send(draftOf(conversation), keyOf());
    await store().chat.clear(conversation, 'a');
    assert.equal((await store().chat.page(conversation, 'a', { limit: 9 })).length, 0);
    assert.equal((await store().chat.page(conversation, 'b', { limit: 9 })).length, 1);
    const next = sent(await store().chat.send(draftOf(conversation), keyOf()));
    assert.equal(next.seq, 2);
    assert.deepEqual(
      (await store().chat.page(conversation, 'a', { limit: 9 })).map(({ seq }) => seq),
      [2],
    );
    await store().chat.clear(conversation, 'b');
    await store().chat.clear(conversation, 'a');
    assert.equal((await store().chat.outbox(conversation, 'b', 9)).length, 0);
    await store().chat.clear(unique('nothing'), 'a');
  });
}

function idempotencyContract(store: () => Store): void {
  test('sends once for one key, however many ask at once', async () => {
    const conversation = unique('chat');
    const key = keyOf();
    const all = await Promise.all(
      Array.from({ length: 8 }, () => store().chat.send(draftOf(conversation), key)),
    );
    assert.equal(all.filter(({ outcome }) => outcome === 'sent').length, 1);
    assert.equal(all.filter(({ outcome }) => outcome === 'replayed').length, 7);
    assert.equal(new Set(all.map(outcome => sent(outcome).messageId)).size, 1);
    assert.equal((await store().chat.page(conversation, 'a', { limit: 9 })).length, 1);
  });

  test('refuses one key for two bodies, and binds it to user and route', async () => {
    const conversation = unique('chat');
    const key = unique('key');
    await store().chat.send(draftOf(conversation), keyOf(key));
    assert.equal((await store().chat.send(draftOf(conversation), keyOf(key, 'other'))).outcome, 'conflict');
    assert.equal((await store().chat.send(draftOf(conversation), keyOf(key, 'h', 'z'))).outcome, 'sent');
    const elsewhere = { ...keyOf(key), route: '/rooms' };
    assert.equal((await store().chat.send(draftOf(conversation), elsewhere)).outcome, 'sent');
  });

  test('forgets keys that are old enough', async () => {
    const key = keyOf();
    const draft = { ...draftOf(unique('chat')), at: 10 };
    await store().chat.send(draft, key);
    assert.equal(await store().chat.forgetKeys(11), 1);
    assert.equal((await store().chat.send({ ...draft, messageId: ulid() }, key)).outcome, 'sent');
  });
}

const person = (word: string, rest: Partial<Person> = {}): Person => ({
  ...newPerson(unique(word), null),
  ...rest,
});

async function peopleIn(store: Store, ...people: Person[]): Promise<void> {
  for (const one of people) await store.people.put(one);
}

function peopleContract(store: () => Store): void {
  test('writes a person over, but ensures one only where the id is new', async () => {
    const ada = person('ada', { headline: 'first', year: 2027, city: 'Delft' });
    await store().people.put(ada);
    await store().people.ensure({ ...ada, headline: 'second' });
    assert.deepEqual(await store().people.get(ada.userId), ada);
    await store().people.put({ ...ada, headline: 'third', year: null });
    assert.deepEqual(await store().people.get(ada.userId), { ...ada, headline: 'third', year: null });
    assert.equal(await store().people.get(unique('nobody')), undefined);
  });

  test('invites once, and accepts only what was offered', async () => {
    const [a, b] = [unique('a'), unique('b')];
    assert.equal(await store().people.accept(a, b), false);
    assert.equal(await store().people.invite(a, b, 1), true);
    assert.equal(await store().people.invite(a, b, 2), false);
    assert.equal(await store().people.accept(a, b), true);
    assert.equal(await store().people.accept(a, b), false);
    assert.equal(await store().people.invite(b, a, 3), false);
  });

  test('lets no invitation pass a block', async () => {
    const [a, b] = [unique('a'), unique('b')];
    await store().people.block(b, a);
    await store().people.block(b, a);
    assert.equal(await store().people.invite(a, b, 1), false);
    assert.equal(await store().people.invite(b, a, 1), false);
  });
}

async function stand(store: Store, one: Person, lat: number, lon: number): Promise<void> {
  await store.places.put({ userId: one.userId, lat, lon, accuracyM: 5, campusId: one.campusId, at: 1000 });
}

function placesContract(store: () => Store): void {
  const names = (found: readonly { person: Person }[]) => found.map(one => one.person.userId);

  test('finds who stands in the box, nearest first, and whom the viewer may see', async () => {
    const campusId = unique('campus');
    const [me, near, far, friend, ghost, foe] = [
      person('me'),
      person('near'),
      person('far'),
      person('friend', { visibility: 'friends' }),
      person('ghost', { visibility: 'nobody' }),
      person('foe'),
    ].map(one => ({ ...one, campusId })) as [Person, Person, Person, Person, Person, Person];
    await peopleIn(store(), me, near, far, friend, ghost, foe);
    const at = { lat: 52.0, lon: 4.37 };
    await stand(store(), me, at.lat, at.lon);
    await stand(store(), far, at.lat + 0.0009, at.lon);
    await stand(store(), near, at.lat + 0.0001, at.lon);
    await stand(store(), friend, at.lat, at.lon + 0.0003);
    await stand(store(), ghost, at.lat, at.lon);
    await stand(store(), foe, at.lat, at.lon);
    await store().people.block(foe.userId, me.userId);
    const query = { viewerId: me.userId, ...at, box: boxAround(at, 150), since: 500, campusId, limit: 10 };
    assert.deepEqual(names(await store().places.around(query)), names([{ person: near }, { person: far }]));
    await store().people.invite(friend.userId, me.userId, 1);
    await store().people.accept(friend.userId, me.userId);
    assert.deepEqual(names(await store().places.around(query)), [near.userId, friend.userId, far.userId]);
    assert.deepEqual(names(await store().places.around({ ...query, friendsOnly: true })), [friend.userId]);
    assert.deepEqual(names(await store().places.around({ ...query, limit: 1 })), [near.userId]);
    assert.deepEqual(names(await store().places.around({ ...query, since: 1001 })), []);
    assert.deepEqual(names(await store().places.around({ ...query, campusId: unique('other') })), []);
    const [found] = await store().places.around(query);
    assert.deepEqual([found?.lat, found?.lon, found?.isFriend], [at.lat + 0.0001, at.lon, false]);
    const listed = await store().places.listing({ viewerId: me.userId, campusId, since: 500, limit: 10 });
    assert.deepEqual(names(listed), [far.userId, friend.userId, near.userId].sort());
  });

  test('sees across the 180th meridian', async () => {
    const campusId = unique('campus');
    const west = person('west', { campusId });
    await peopleIn(store(), west);
    await stand(store(), west, -16.8, -179.9999);
    const at = { lat: -16.8, lon: 179.9999 };
    const query = { viewerId: unique('me'), ...at, box: boxAround(at, 100), since: 0, campusId, limit: 10 };
    assert.deepEqual(names(await store().places.around(query)), [west.userId]);
  });

  test('keeps one position a person, and drops it', async () => {
    const one = person('one', { city: unique('city') });
    await peopleIn(store(), one);
    await stand(store(), one, 1.5, 2.25);
    await stand(store(), one, 1.75, 2.5);
    const expected = { userId: one.userId, lat: 1.75, lon: 2.5, accuracyM: 5, campusId: null, at: 1000 };
    assert.deepEqual(await store().places.get(one.userId), expected);
    await store().places.remove(one.userId);
    assert.equal(await store().places.get(one.userId), undefined);
    const listed = await store().places.listing({ viewerId: 'x', city: one.city!, since: 0, limit: 5 });
    assert.deepEqual(listed, [{ person: one, isFriend: false }]);
  });
}

function groupsContract(store: () => Store): void {
  test('makes the owner of a room its first member', async () => {
    const room = { roomId: ulid(), name: 'Chess', ownerId: 'a', at: 7 };
    await store().groups.createRoom(room);
    assert.deepEqual(await store().groups.room(room.roomId), room);
    assert.equal(await store().groups.isMember(room.roomId, 'a'), true);
    assert.equal(await store().groups.isMember(room.roomId, 'b'), false);
    assert.equal(await store().groups.join(room.roomId, 'b'), true);
    assert.equal(await store().groups.join(room.roomId, 'b'), false);
    assert.equal(await store().groups.room(ulid()), undefined);
  });

  test('completes an activity once', async () => {
    const activity = { activityId: ulid(), kind: 'sport', ownerId: 'a', at: 7 };
    await store().groups.createActivity(activity);
    assert.deepEqual(await store().groups.activity(activity.activityId), activity);
    assert.equal(await store().groups.complete(activity.activityId, 8), true);
    assert.equal(await store().groups.complete(activity.activityId, 9), false);
    assert.equal(await store().groups.complete(ulid(), 9), false);
  });
}

function boardContract(store: () => Store): void {
  test('freezes the best of each campus and of all, and replaces a day that it froze before', async () => {
    const day = unique('day');
    const score = (userId: string, campusId: string | null, points: number) =>
      store().board.add({ day, userId, campusId, points });
    await score('b', 'north', 2);
    await score('a', 'north', 2);
    await score('c', 'south', 1);
    await score('c', null, 4);
    await score('d', null, 1);
    assert.deepEqual(await store().board.snapshot(day, 3), ['campus:north', 'campus:south', 'global']);
    const global = [
      { rank: 1, userId: 'c', points: 5 },
      { rank: 2, userId: 'a', points: 2 },
      { rank: 3, userId: 'b', points: 2 },
    ];
    assert.deepEqual(await store().board.standings(day, 'global'), global);
    assert.deepEqual(await store().board.standings(day, 'campus:south'), [
      { rank: 1, userId: 'c', points: 5 },
    ]);
    await score('d', null, 9);
    await Promise.all([store().board.snapshot(day, 1), store().board.snapshot(day, 1)]);
    assert.deepEqual(await store().board.standings(day, 'global'), [{ rank: 1, userId: 'd', points: 10 }]);
    assert.deepEqual(await store().board.snapshot(unique('empty'), 3), []);
  });
}
