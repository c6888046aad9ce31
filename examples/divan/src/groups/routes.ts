import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../auth.ts';
import { toAnswer } from '../chat/conversation.ts';
import { message, send } from '../chat/send.ts';
import type { Divan } from '../divan.ts';
import { parse, Refusal } from '../failure.ts';
import { score } from '../leaderboard.ts';
import { prose, userId } from '../schemas.ts';
import { ulid } from '../ulid.ts';

const newRoom = z.object({ name: prose(80) });
const roomParams = z.object({ room: userId });
const newActivity = z.object({ kind: z.enum(['study', 'sport', 'food', 'music', 'other']) });
const activityParams = z.object({ activity: userId });

export function roomRoutes(app: FastifyInstance, divan: Divan): void {
  const { store, metrics } = divan;
  const { groups } = store;

  app.post('/rooms', async (request, reply) => {
    const { name } = parse(newRoom, request.body);
    const roomId = ulid(divan.now());
    await groups.createRoom({ roomId, name, ownerId: callerOf(request).userId, at: divan.now() });
    metrics.roomsCreated.inc();
    divan.obs.log.info({ room_id: roomId }, 'room_created');
    return reply.code(201).send({ room_id: roomId, name });
  });

  app.post('/rooms/:room/join', async request => {
    const { room } = parse(roomParams, request.params);
    if (!(await groups.room(room))) throw new Refusal(404, 'room not found');
    if (await groups.join(room, callerOf(request).userId)) metrics.roomsJoined.inc();
    return { ok: true };
  });

  app.post('/rooms/:room/messages', async (request, reply) => {
    const caller = callerOf(request);
    const { room } = parse(roomParams, request.params);
    await requireMember(divan, room, caller.userId);
    const content = parse(message, request.body);
    const to = { conversationId: `room:${room}`, recipientId: '' };
    const { message: stored, fresh } = await send(divan, { caller, content, to, request, reply });
    if (fresh) {
      metrics.roomsSent.inc();
      await score(divan, 'rooms', caller);
    }
    return reply.code(fresh ? 201 : 200).send(toAnswer(stored));
  });

  app.get('/rooms/:room/messages', async request => {
    const { userId: me } = callerOf(request);
    const { room } = parse(roomParams, request.params);
    await requireMember(divan, room, me);
    const items = await store.chat.page(`room:${room}`, me, { limit: 50 });
    return { items: items.map(toAnswer) };
  });
}

async function requireMember({ store }: Divan, room: string, me: string): Promise<void> {
  if (!(await store.groups.room(room))) throw new Refusal(404, 'room not found');
  if (!(await store.groups.isMember(room, me))) throw new Refusal(403, 'not a member');
}

export function activityRoutes(app: FastifyInstance, divan: Divan): void {
  const { groups } = divan.store;

  app.post('/activities', async (request, reply) => {
    const { kind } = parse(newActivity, request.body);
    const activityId = ulid(divan.now());
    await groups.createActivity({ activityId, kind, ownerId: callerOf(request).userId, at: divan.now() });
    divan.metrics.activitiesCreated.inc({ kind });
    return reply.code(201).send({ activity_id: activityId, kind });
  });

  app.post('/activities/:activity/complete', async request => {
    const caller = callerOf(request);
    const { activity: id } = parse(activityParams, request.params);
    const activity = await groups.activity(id);
    if (activity?.ownerId !== caller.userId) throw new Refusal(404, 'activity not found');
    if (await groups.complete(id, divan.now())) {
      divan.metrics.activitiesCompleted.inc({ kind: activity.kind });
      await score(divan, 'activities', caller);
    }
    return { ok: true };
  });
}
