import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conversationOf } from '../src/chat/conversation.ts';
import { memoryStore } from '../src/store/memory.ts';
import { StoreUnavailable } from '../src/store/store.ts';
import { type Answer, type Json, type Running, sample, startDivan } from './support.ts';

const send = (
  divan: Running,
  from: string,
  to: string,
  rest: { key?: string; [field: string]: unknown } = {},
) => {
  const { key, ...fields } = rest;
  const body = { to_user_id: to, body: 'see you at six', ...fields };
  return divan.call('/chat/messages', {
    as: from,
    body,
    ...(key && { headers: { 'Idempotency-Key': key } }),
  });
};
const seqs = (answer: Answer) => answer.body.items.map((item: Json) => item.seq);

test('a send answers 201 with the whole message', async t => {
  const divan = await startDivan(t);
  const attachments = [{ attachment_id: 'f-1', media_type: 'application/pdf', size_bytes: 12 }];
  const { status, headers, body } = await send(divan, 'u-b', 'u-a', { client_msg_id: 'c-17', attachments });
  assert.equal(status, 201);
  const { message_id, created_at, ...rest } = body;
  assert.match(message_id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.deepEqual(rest, {
    client_msg_id: 'c-17',
    seq: 1,
    conversation_id: 'chat:u-a:u-b',
    sender_id: 'u-b',
    recipient_id: 'u-a',
    body: 'see you at six',
    attachments,
    moderation: null,
  });
  assert.ok(headers.get('idempotency-key'));
  assert.ok(headers.get('x-request-id'));
  assert.match(headers.get('traceparent') ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
  assert.ok(headers.get('x-correlation-id'));
});

test('the same key and body answers 200 with the first message, another body 409', async t => {
  const divan = await startDivan(t);
  const first = await send(divan, 'a', 'b', { key: 'k-1' });
  const again = await send(divan, 'a', 'b', { key: 'k-1' });
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.deepEqual(again.body, first.body);
  assert.equal(again.headers.get('idempotency-key'), 'k-1');
  for (const other of [{ body: 'else' }, { client_msg_id: 'c' }, { to_user_id: 'z' }]) {
    const { status, body, headers } = await send(divan, 'a', 'b', { key: 'k-1', ...other });
    assert.equal(status, 409);
    assert.deepEqual(body, { detail: 'idempotency_conflict', request_id: headers.get('x-request-id') });
  }
  assert.equal((await send(divan, 'z', 'b', { key: 'k-1' })).status, 201, 'a key is its user’s own');
  const text = await divan.metrics();
  assert.equal(sample(text, 'divan_chat_send_total'), 2);
  assert.equal(sample(text, 'divan_chat_idempotency_total{outcome="replayed"}'), 1);
  assert.equal(sample(text, 'divan_chat_idempotency_total{outcome="conflict"}'), 3);
});

test('posts with one key at the same moment send once', async t => {
  const divan = await startDivan(t);
  const all = await Promise.all(Array.from({ length: 10 }, () => send(divan, 'a', 'b', { key: 'k' })));
  assert.deepEqual(all.map(({ status }) => status).sort(), [...Array(9).fill(200), 201]);
  assert.equal(new Set(all.map(({ body }) => body.message_id)).size, 1);
});

test('50 parallel sends from both sides number one conversation without gaps', async t => {
  const divan = await startDivan(t);
  const all = await Promise.all(
    Array.from({ length: 50 }, (_, i) => (i % 2 ? send(divan, 'a', 'b') : send(divan, 'b', 'a'))),
  );
  const numbers = all.map(({ body }) => body.seq).sort((a, b) => a - b);
  assert.deepEqual(
    numbers,
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
});

test('a bad send is refused without an echo of what was sent', async t => {
  const divan = await startDivan(t);
  const cases: [number, string, object][] = [
    [400, 'cannot message yourself', { to_user_id: 'a' }],
    [400, 'unsupported media type', { attachments: [{ attachment_id: 'f', media_type: 'text/html' }] }],
    [422, 'validation_error', { body: 'x'.repeat(4001) }],
    [422, 'validation_error', { body: '' }],
    [422, 'validation_error', { body: 'hunter2 \0' }],
    [422, 'validation_error', { body: 5 }],
    [422, 'validation_error', { to_user_id: 'white space' }],
    [422, 'validation_error', { attachments: 'hunter2' }],
  ];
  for (const [status, detail, fields] of cases) {
    const answer = await send(divan, 'a', 'b', fields as Json);
    assert.equal(answer.status, status, JSON.stringify(fields).slice(0, 50));
    assert.equal(answer.body.detail, detail);
    assert.equal(answer.body.request_id, answer.headers.get('x-request-id'));
    assert.ok(!answer.text.includes('hunter2') && !answer.text.includes('xxx'));
    if (status === 422) assert.deepEqual(Object.keys(answer.body.errors[0]), ['field', 'code']);
  }
  assert.equal(
    (await send(divan, 'a', 'b', { body: '🙂'.repeat(4000) })).status,
    201,
    'characters count, not bytes',
  );
});

test('history pages newest first by an opaque cursor, and a made-up cursor is 400', async t => {
  const divan = await startDivan(t);
  for (let i = 0; i < 7; i += 1) await send(divan, 'org:7', 'b');
  const path = '/chat/conversations/b/messages?limit=3';
  const first = await divan.call(path, { as: 'org:7' });
  assert.deepEqual(seqs(first), [7, 6, 5]);
  const second = await divan.call(`${path}&cursor=${first.body.next}`, { as: 'org:7' });
  assert.deepEqual(seqs(second), [4, 3, 2]);
  const third = await divan.call(`${path}&cursor=${second.body.next}`, { as: 'org:7' });
  assert.deepEqual(seqs(third), [1]);
  assert.equal(third.body.next, null);
  const foreign = Buffer.from(JSON.stringify(['chat:x:y', 3])).toString('base64url');
  for (const cursor of ['nonsense', '', foreign, `${first.body.next}x`, 'W10']) {
    const { status, body } = await divan.call(`${path}&cursor=${cursor}`, { as: 'org:7' });
    assert.deepEqual([status, body.detail], [400, 'invalid_cursor'], cursor);
  }
  for (const limit of [0, 201, 'x']) {
    assert.equal(
      (await divan.call(`/chat/conversations/b/messages?limit=${limit}`, { as: 'a' })).status,
      422,
    );
  }
  assert.equal((await divan.call('/chat/conversations/b/messages?limit=200', { as: 'a' })).status, 200);
});

test('no two pairs of users share a conversation, whatever their ids hold', () => {
  assert.notEqual(conversationOf('a', 'b:c'), conversationOf('a:b', 'c'));
  assert.notEqual(conversationOf('a', 'b%3Ac'), conversationOf('a', 'b:c'));
  assert.equal(conversationOf('u-b', 'u-a'), 'chat:u-a:u-b');
});

test('a message is delivered when it is pulled or acknowledged, and is counted once', async t => {
  const divan = await startDivan(t);
  for (let i = 0; i < 4; i += 1) await send(divan, 'a', 'b');
  await send(divan, 'b', 'a');
  const count = async () => sample(await divan.metrics(), 'divan_chat_delivered_updates_total');
  assert.equal(await count(), 0);
  const outbox = async () => (await divan.call('/chat/conversations/a/outbox', { as: 'b' })).body;
  assert.deepEqual(
    (await outbox()).items.map((item: Json) => item.seq),
    [1, 2, 3, 4],
  );
  assert.equal(typeof (await outbox()).reset_cursor, 'string');
  assert.equal(await count(), 0);
  const ack = (delivered_seq: number) =>
    divan.call('/chat/conversations/a/deliveries', { as: 'b', body: { delivered_seq } });
  assert.deepEqual((await ack(2)).body, { conversation_id: 'chat:a:b', delivered_seq: 2 });
  assert.equal(await count(), 2);
  await ack(2);
  assert.equal(await count(), 2);
  await divan.call('/chat/conversations/b/messages', { as: 'a' });
  assert.equal(await count(), 3, 'a pulled what b had sent, and nothing of its own');
  await divan.call('/chat/conversations/a/messages', { as: 'b' });
  assert.equal(await count(), 5);
  assert.deepEqual(await outbox(), { items: [], reset_cursor: null });
  assert.deepEqual((await ack(99)).body.delivered_seq, 5);
  assert.equal((await ack(-1)).status, 422);
  const read = await divan.call('/chat/conversations/a/reads', { as: 'b', body: { read_seq: 99 } });
  assert.deepEqual(read.body, { conversation_id: 'chat:a:b', read_seq: 5 });
  assert.equal(sample(await divan.metrics(), 'divan_chat_read_updates_total'), 4);
});

test('deleting a conversation clears it for the one who asks', async t => {
  const divan = await startDivan(t);
  await send(divan, 'a', 'b');
  const gone = await divan.call('/chat/conversations/b', { as: 'a', method: 'DELETE' });
  assert.deepEqual([gone.status, gone.text], [204, '']);
  assert.deepEqual(seqs(await divan.call('/chat/conversations/b/messages', { as: 'a' })), []);
  assert.deepEqual(seqs(await divan.call('/chat/conversations/a/messages', { as: 'b' })), [1]);
  assert.equal((await send(divan, 'a', 'b')).body.seq, 2);
});

test('a store that is down answers 503, to a send with idempotency_unavailable', async t => {
  const store = memoryStore();
  const down = async () => {
    throw new StoreUnavailable(new Error('connect ECONNREFUSED postgres://u:hunter2@db'));
  };
  const chat = { ...store.chat, send: down, page: down };
  const divan = await startDivan(t, { store: { ...store, chat } });
  const sent = await send(divan, 'a', 'b');
  assert.deepEqual([sent.status, sent.body.detail], [503, 'idempotency_unavailable']);
  const page = await divan.call('/chat/conversations/b/messages', { as: 'a' });
  assert.deepEqual([page.status, page.body.detail], [503, 'store_unavailable']);
  assert.ok(!page.text.includes('hunter2'));
});
