import type { Database, Query, Row } from './sql.ts';
import type {
  Attachment,
  ChatStore,
  Draft,
  IdempotencyKey,
  Marked,
  Message,
  SendOutcome,
  Span,
} from './store.ts';

const MAX_SEQ = 2_147_483_647;
const UNCLEARED =
  'seq > COALESCE((SELECT c.seq FROM clearings c WHERE c.conversation_id = $1 AND c.user_id = $2), 0)';

export function sqlChat({ query, transaction }: Database): ChatStore {
  return {
    send: (draft, key) => transaction(inside => send(inside, draft, key)),
    page: async (conversationId, viewerId, { before = MAX_SEQ, limit }) => {
      const rows = await query(
        `SELECT * FROM messages WHERE conversation_id = $1 AND ${UNCLEARED} AND seq < $3 ORDER BY seq DESC LIMIT $4`,
        [conversationId, viewerId, before, limit],
      );
      return rows.map(toMessage);
    },
    outbox: async (conversationId, recipientId, limit) => {
      const rows = await query(
        `SELECT * FROM messages WHERE conversation_id = $1 AND recipient_id = $2 AND delivered_at IS NULL
         AND ${UNCLEARED} ORDER BY seq LIMIT $3`,
        [conversationId, recipientId, limit],
      );
      return rows.map(toMessage);
    },
    markDelivered: (...which) => mark(query, 'delivered_at', which),
    markRead: (...which) => mark(query, 'read_at', which),
    clear: (conversationId, viewerId) => transaction(inside => clear(inside, conversationId, viewerId)),
    forgetKeys: async before =>
      (await query('DELETE FROM idempotency_keys WHERE at < $1 RETURNING at', [before])).length,
  };
}

/** The key comes first: a second request with the same one waits at its row until the first has committed. */
async function send(query: Query, draft: Draft, key: IdempotencyKey): Promise<SendOutcome> {
  const fresh = await query(
    `INSERT INTO idempotency_keys (user_id, route, idem_key, hash, message_id, at)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING message_id`,
    [key.userId, key.route, key.key, key.hash, draft.messageId, draft.at],
  );
  if (fresh.length === 0) return replay(query, key);
  const [conversation] = await query(
    `INSERT INTO conversations (conversation_id, last_seq) VALUES ($1, 1)
     ON CONFLICT (conversation_id) DO UPDATE SET last_seq = conversations.last_seq + 1 RETURNING last_seq`,
    [draft.conversationId],
  );
  const [row] = await query(
    `INSERT INTO messages (conversation_id, seq, message_id, client_msg_id, sender_id, recipient_id, body, attachments, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *`,
    [
      draft.conversationId,
      conversation!['last_seq']!,
      draft.messageId,
      draft.clientMsgId,
      draft.senderId,
      draft.recipientId,
      draft.body,
      JSON.stringify(draft.attachments),
      draft.at,
    ],
  );
  return { outcome: 'sent', message: toMessage(row!) };
}

async function replay(query: Query, { userId, route, key, hash }: IdempotencyKey): Promise<SendOutcome> {
  const [row] = await query(
    `SELECT m.* FROM idempotency_keys k JOIN messages m ON m.message_id = k.message_id
     WHERE k.user_id = $1 AND k.route = $2 AND k.idem_key = $3 AND k.hash = $4`,
    [userId, route, key, hash],
  );
  return row ? { outcome: 'replayed', message: toMessage(row) } : { outcome: 'conflict' };
}

type Which = readonly [conversationId: string, recipientId: string, span: Span];

async function mark(query: Query, column: 'delivered_at' | 'read_at', which: Which): Promise<Marked> {
  const [conversationId, recipientId, { from, to, at }] = which;
  const rows = await query(
    `UPDATE messages SET ${column} = $5 WHERE conversation_id = $1 AND recipient_id = $2
     AND seq BETWEEN $3 AND $4 AND ${column} IS NULL RETURNING seq`,
    [conversationId, recipientId, from, Math.min(to, MAX_SEQ), at],
  );
  const [last] = await query('SELECT last_seq FROM conversations WHERE conversation_id = $1', [
    conversationId,
  ]);
  return { fresh: rows.length, last: (last?.['last_seq'] as number | undefined) ?? 0 };
}

async function clear(query: Query, conversationId: string, viewerId: string): Promise<void> {
  await query(
    `INSERT INTO clearings (conversation_id, user_id, seq)
     SELECT conversation_id, CAST($2 AS TEXT), last_seq FROM conversations WHERE conversation_id = $1
     ON CONFLICT (conversation_id, user_id) DO UPDATE SET seq = excluded.seq`,
    [conversationId, viewerId],
  );
  const cleared = 'SELECT COUNT(*) AS sides, MIN(seq) AS seq FROM clearings WHERE conversation_id = $1';
  const [both] = await query(cleared, [conversationId]);
  if (both?.['sides'] !== 2) return;
  await query('DELETE FROM messages WHERE conversation_id = $1 AND seq <= $2', [
    conversationId,
    both['seq']!,
  ]);
}

function toMessage(row: Row): Message {
  return {
    messageId: row['message_id'] as string,
    clientMsgId: row['client_msg_id'] as string,
    conversationId: row['conversation_id'] as string,
    seq: row['seq'] as number,
    senderId: row['sender_id'] as string,
    recipientId: row['recipient_id'] as string,
    body: row['body'] as string,
    attachments: JSON.parse(row['attachments'] as string) as Attachment[],
    at: row['at'] as number,
    deliveredAt: row['delivered_at'] as number | null,
  };
}
