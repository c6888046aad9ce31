import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Caller, callerOf } from '../auth.ts';
import type { Divan } from '../divan.ts';
import { parse, Refusal } from '../failure.ts';
import { score } from '../leaderboard.ts';
import { prose, userId } from '../schemas.ts';
import { type Attachment, type Message, StoreUnavailable } from '../store/store.ts';
import { ulid } from '../ulid.ts';
import { conversationOf, toAnswer } from './conversation.ts';

const attachment = z.object({
  attachment_id: userId,
  media_type: z.string().max(100),
  size_bytes: z.number().int().min(0).optional(),
  file_name: prose(255).optional(),
  remote_url: z.url().max(2000).optional(),
});

export const message = z.object({
  body: prose(4000),
  client_msg_id: userId.optional(),
  attachments: z.array(attachment).max(10).default([]),
});
const direct = message.extend({ to_user_id: userId });

const MEDIA = /^(image|video|audio)\/[\w.+-]+$|^application\/pdf$/i;

/** 201 with the message, or 200 with the first one when the same request comes again. */
export function sendDirect(divan: Divan) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = callerOf(request);
    const { to_user_id, ...content } = parse(direct, request.body);
    if (to_user_id === caller.userId) throw new Refusal(400, 'cannot message yourself');
    const to = { conversationId: conversationOf(caller.userId, to_user_id), recipientId: to_user_id };
    const { message, fresh } = await send(divan, { caller, content, to, request, reply });
    divan.metrics.idempotency.inc({ outcome: fresh ? 'sent' : 'replayed' });
    if (fresh) {
      divan.metrics.sent.inc();
      const { messageId, seq, attachments } = message;
      divan.obs.log.info(
        { message_id: messageId, seq, attachments: attachments.length },
        'chat_message_sent',
      );
      await score(divan, 'chat', caller);
    }
    return reply.code(fresh ? 201 : 200).send(toAnswer(message));
  };
}

export interface Sending {
  readonly caller: Caller;
  readonly content: z.infer<typeof message>;
  readonly to: { readonly conversationId: string; readonly recipientId: string };
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Stores the message under its idempotency key, which the answer carries whether it was given or not. */
export async function send(divan: Divan, sending: Sending): Promise<{ message: Message; fresh: boolean }> {
  const { caller, content, to, request, reply } = sending;
  if (content.attachments.some(({ media_type }) => !MEDIA.test(media_type))) {
    throw new Refusal(400, 'unsupported media type');
  }
  const key = idempotencyKey(request);
  reply.header('Idempotency-Key', key);
  const at = divan.now();
  const draft = {
    messageId: ulid(at),
    clientMsgId: content.client_msg_id ?? ulid(at),
    senderId: caller.userId,
    body: content.body,
    attachments: content.attachments as Attachment[],
    at,
    ...to,
  };
  const route = request.routeOptions.url ?? '';
  const hash = hashOf([to.conversationId, content.body, content.client_msg_id ?? null, content.attachments]);
  const bound = { userId: caller.userId, route, key, hash };
  const result = await divan.store.chat.send(draft, bound).catch(keysUnavailable);
  if (result.outcome === 'conflict') {
    divan.metrics.idempotency.inc({ outcome: 'conflict' });
    throw new Refusal(409, 'idempotency_conflict');
  }
  return { message: result.message, fresh: result.outcome === 'sent' };
}

function keysUnavailable(error: unknown): never {
  if (error instanceof StoreUnavailable) throw new Refusal(503, 'idempotency_unavailable', { cause: error });
  throw error;
}

function idempotencyKey({ headers }: FastifyRequest): string {
  const given = headers['idempotency-key'];
  if (given === undefined) return ulid();
  if (typeof given !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(given))
    throw new Refusal(400, 'invalid idempotency key');
  return given;
}

const hashOf = (content: readonly unknown[]) =>
  createHash('sha256').update(JSON.stringify(content)).digest('base64url');
