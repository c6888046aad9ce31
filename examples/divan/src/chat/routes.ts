// Long because the routes of chat are one list, read from top to bottom.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../auth.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Divan } from '../divan.ts';
import { parse } from '../failure.ts';
import { pageSize, peer } from '../schemas.ts';
import type { Message } from '../store/store.ts';
import { conversationOf, toAnswer } from './conversation.ts';
import { sendDirect } from './send.ts';

const pageQuery = z.object({ cursor: z.string().max(2000).optional(), limit: pageSize });
const outboxQuery = z.object({ limit: pageSize });
const place = z.tuple([z.string(), z.number().int().min(1)]);
const seq = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const deliveries = z.object({ delivered_seq: seq });
const reads = z.object({ read_seq: seq });

export function chatRoutes(app: FastifyInstance, divan: Divan): void {
  const { store } = divan;
  app.post('/chat/messages', sendDirect(divan));

  app.get('/chat/conversations/:user/messages', async request => {
    const { me, conversationId } = sides(request);
    const { cursor, limit } = parse(pageQuery, request.query);
    const before = cursor === undefined ? undefined : seqAt(cursor, conversationId);
    const range = before === undefined ? { limit: limit + 1 } : { before, limit: limit + 1 };
    const found = await store.chat.page(conversationId, me, range);
    const items = found.slice(0, limit);
    await delivered(divan, me, items);
    const last = items[items.length - 1];
    const next = found.length > limit && last ? encodeCursor([conversationId, last.seq]) : null;
    return { items: items.map(toAnswer), next };
  });

  app.post('/chat/conversations/:user/deliveries', async request => {
    const { me, conversationId } = sides(request);
    const { delivered_seq } = parse(deliveries, request.body);
    const span = { from: 1, to: delivered_seq, at: divan.now() };
    const { fresh, last } = await store.chat.markDelivered(conversationId, me, span);
    divan.metrics.delivered.inc(fresh);
    return { conversation_id: conversationId, delivered_seq: Math.min(delivered_seq, last) };
  });

  app.post('/chat/conversations/:user/reads', async request => {
    const { me, conversationId } = sides(request);
    const { read_seq } = parse(reads, request.body);
    const span = { from: 1, to: read_seq, at: divan.now() };
    // What was read was delivered.
    divan.metrics.delivered.inc((await store.chat.markDelivered(conversationId, me, span)).fresh);
    const { fresh, last } = await store.chat.markRead(conversationId, me, span);
    divan.metrics.read.inc(fresh);
    return { conversation_id: conversationId, read_seq: Math.min(read_seq, last) };
  });

  /** Looking does not empty it: an answer that is lost on its way is offered again until it is acknowledged. */
  app.get('/chat/conversations/:user/outbox', async request => {
    const { me, conversationId } = sides(request);
    const { limit } = parse(outboxQuery, request.query);
    const items = await store.chat.outbox(conversationId, me, limit);
    const last = items[items.length - 1];
    const reset_cursor = last ? encodeCursor([conversationId, last.seq + 1]) : null;
    return { items: items.map(toAnswer), reset_cursor };
  });

  app.delete('/chat/conversations/:user', async (request, reply) => {
    const { me, conversationId } = sides(request);
    await store.chat.clear(conversationId, me);
    return reply.code(204).send();
  });
}

function sides(request: Parameters<typeof callerOf>[0]): { me: string; conversationId: string } {
  const me = callerOf(request).userId;
  const { user } = parse(peer, request.params);
  return { me, conversationId: conversationOf(me, user) };
}

/** A cursor of another conversation is as bad as one that was made up. */
function seqAt(cursor: string, conversationId: string): number {
  return decodeCursor(
    place.refine(([conversation]) => conversation === conversationId),
    cursor,
  )[1];
}

/** The recipient has what the answer holds. Most pages hold nothing new, and cost no write. */
async function delivered(
  { store, metrics, now }: Divan,
  me: string,
  items: readonly Message[],
): Promise<void> {
  const fresh = items.filter(({ recipientId, deliveredAt }) => recipientId === me && deliveredAt === null);
  if (fresh.length === 0) return;
  const [newest, oldest] = [fresh[0]!, fresh[fresh.length - 1]!];
  const span = { from: oldest.seq, to: newest.seq, at: now() };
  metrics.delivered.inc((await store.chat.markDelivered(newest.conversationId, me, span)).fresh);
}
