import type { Message } from '../store/store.ts';

/** Colons within an id are escaped, so that no two pairs share a conversation. */
const part = (id: string) => id.replaceAll('%', '%25').replaceAll(':', '%3A');

/** `chat:<a>:<b>` with the ids in order, the same from both sides. */
export function conversationOf(one: string, other: string): string {
  const [a, b] = one < other ? [one, other] : [other, one];
  return `chat:${part(a)}:${part(b)}`;
}

/** Microseconds, as the first clients of divan expect; we know milliseconds. */
const stamp = (at: number) => new Date(at).toISOString().replace('Z', '000Z');

/** A message as the API tells it. */
export const toAnswer = (message: Message) => ({
  message_id: message.messageId,
  client_msg_id: message.clientMsgId,
  seq: message.seq,
  conversation_id: message.conversationId,
  sender_id: message.senderId,
  ...(message.recipientId && { recipient_id: message.recipientId }),
  body: message.body,
  attachments: message.attachments,
  created_at: stamp(message.at),
  moderation: null,
});
