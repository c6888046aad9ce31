// Long because its methods share the maps that the factory closes over.
import type { ChatStore, IdempotencyKey, Marked, Message, Span } from './store.ts';

interface Conversation {
  last: number;
  messages: Message[];
  readonly cleared: Map<string, number>;
}

interface Kept {
  readonly hash: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly at: number;
}

export function memoryChat(): ChatStore {
  const conversations = new Map<string, Conversation>();
  const keys = new Map<string, Kept>();
  const read = new Set<string>();

  const visible = (conversationId: string, viewerId: string): Message[] => {
    const conversation = conversations.get(conversationId);
    if (!conversation) return [];
    const cleared = conversation.cleared.get(viewerId) ?? 0;
    return conversation.messages.filter(message => message.seq > cleared);
  };
  const mark = (
    conversationId: string,
    recipientId: string,
    span: Span,
    stamp: (m: Message, i: number) => boolean,
  ): Marked => {
    const conversation = conversations.get(conversationId);
    let fresh = 0;
    conversation?.messages.forEach((message, i) => {
      const within = message.seq >= span.from && message.seq <= span.to;
      if (within && message.recipientId === recipientId && stamp(message, i)) fresh += 1;
    });
    return { fresh, last: conversation?.last ?? 0 };
  };
  return {
    send: async (draft, key) => {
      const id = keyOf(key);
      const kept = keys.get(id);
      if (kept) {
        const message = conversations.get(kept.conversationId)?.messages.find(({ seq }) => seq === kept.seq);
        return message && kept.hash === key.hash ? { outcome: 'replayed', message } : { outcome: 'conflict' };
      }
      const conversation: Conversation = conversations.get(draft.conversationId) ?? {
        last: 0,
        messages: [],
        cleared: new Map(),
      };
      conversations.set(draft.conversationId, conversation);
      conversation.last += 1;
      const message: Message = { ...draft, seq: conversation.last, deliveredAt: null };
      conversation.messages.push(message);
      keys.set(id, { hash: key.hash, conversationId: draft.conversationId, seq: message.seq, at: draft.at });
      return { outcome: 'sent', message };
    },
    page: async (conversationId, viewerId, { before = Number.POSITIVE_INFINITY, limit }) =>
      visible(conversationId, viewerId)
        .filter(message => message.seq < before)
        .reverse()
        .slice(0, limit),
    outbox: async (conversationId, recipientId, limit) =>
      visible(conversationId, recipientId)
        .filter(message => message.recipientId === recipientId && message.deliveredAt === null)
        .slice(0, limit),
    markDelivered: async (conversationId, recipientId, span) =>
      mark(conversationId, recipientId, span, (message, i) => {
        if (message.deliveredAt !== null) return false;
        conversations.get(conversationId)!.messages[i] = { ...message, deliveredAt: span.at };
        return true;
      }),
    markRead: async (conversationId, recipientId, span) =>
      mark(
        conversationId,
        recipientId,
        span,
        ({ messageId }) => !read.has(messageId) && !!read.add(messageId),
      ),
    clear: async (conversationId, viewerId) => {
      const conversation = conversations.get(conversationId);
      if (!conversation) return;
      conversation.cleared.set(viewerId, conversation.last);
      if (conversation.cleared.size < 2) return;
      const both = Math.min(...conversation.cleared.values());
      conversation.messages = conversation.messages.filter(message => message.seq > both);
    },
    forgetKeys: async before => {
      const old = [...keys].filter(([, kept]) => kept.at < before);
      for (const [id] of old) keys.delete(id);
      return old.length;
    },
  };
}

const keyOf = ({ userId, route, key }: IdempotencyKey) => JSON.stringify([userId, route, key]);
