import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../auth.ts';
import type { Divan } from '../divan.ts';
import { parse, Refusal } from '../failure.ts';
import { score } from '../leaderboard.ts';
import { newPerson } from '../people.ts';
import { campusOf } from '../presence/routes.ts';
import { peer, prose, userId } from '../schemas.ts';

const invitation = z.object({ to_user_id: userId });
const block = z.object({ user_id: userId });
const field = prose(200).nullable();
const profile = z
  .object({
    display_name: prose(80),
    visibility: z.enum(['everyone', 'friends', 'nobody']),
    blur_m: z.number().int().min(0).max(1000),
    headline: field,
    major: field,
    year: z.number().int().min(1900).max(2200).nullable(),
    interests: field,
    languages: field,
  })
  .partial();

/** Invitations, blocks, and what one tells of oneself. */
export function peopleRoutes(app: FastifyInstance, divan: Divan): void {
  const { store, metrics, now } = divan;

  app.post('/invites', async (request, reply) => {
    const me = callerOf(request).userId;
    const { to_user_id } = parse(invitation, request.body);
    if (to_user_id === me) throw new Refusal(400, 'cannot invite yourself');
    // Whoever is blocked gets the same answer as everyone.
    if (await store.people.invite(me, to_user_id, now())) metrics.invitesSent.inc();
    return reply.code(201).send({ ok: true });
  });

  app.post('/invites/:user/accept', async request => {
    const caller = callerOf(request);
    const { user } = parse(peer, request.params);
    if (!(await store.people.accept(user, caller.userId))) throw new Refusal(404, 'invitation not found');
    metrics.invitesAccepted.inc();
    metrics.friendships.inc();
    await score(divan, 'friendships', caller);
    return { ok: true };
  });

  app.post('/blocks', async request => {
    const { user_id } = parse(block, request.body);
    await store.people.block(callerOf(request).userId, user_id);
    return { ok: true };
  });

  app.patch('/profile', async request => {
    const caller = callerOf(request);
    const { display_name, blur_m, ...rest } = parse(profile, request.body);
    const old =
      (await store.people.get(caller.userId)) ?? newPerson(caller.userId, await campusOf(divan, caller));
    const given = Object.entries({ ...rest, displayName: display_name, blurM: blur_m });
    await store.people.put({
      ...old,
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    });
    return { ok: true };
  });
}
