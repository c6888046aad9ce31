import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { callerOf } from './auth.ts';
import type { Divan } from './divan.ts';
import { parse } from './failure.ts';

const DAY = 86_400_000;
/** Places that a snapshot keeps for each scope. */
const PLACES = 100;
/** Points for one event of each stream. */
const POINTS = { chat: 1, rooms: 1, friendships: 3, activities: 5 } as const;

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Gives the user points. A leaderboard that fails never fails what earned them. */
export async function score(
  divan: Divan,
  stream: keyof typeof POINTS,
  user: { userId: string; campusId: string | null },
) {
  try {
    const { userId, campusId } = user;
    await divan.store.board.add({ day: dayOf(divan.now()), userId, campusId, points: POINTS[stream] });
    divan.metrics.scored.inc({ stream });
  } catch (err) {
    divan.obs.log.warn({ stream, err }, 'leaderboard_event_lost');
  }
}

/**
 * Freezes the day that ended and the running one, so that it may run just after midnight and at any other time,
 * and forgets idempotency keys of more than a day ago.
 */
export async function rollover({ store, metrics, now }: Divan): Promise<void> {
  const at = now();
  const scopes = new Set(['global']);
  for (const day of [dayOf(at - DAY), dayOf(at)]) {
    for (const scope of await store.board.snapshot(day, PLACES)) scopes.add(scope);
  }
  for (const scope of scopes) {
    metrics.snapshots.inc({ period: 'daily', scope: scope === 'global' ? 'global' : 'campus' });
  }
  await store.chat.forgetKeys(at - DAY);
}

const standingsQuery = z.object({
  day: z.iso.date().optional(),
  scope: z.enum(['campus', 'global']).default('global'),
});

export function leaderboardRoutes(app: FastifyInstance, { store, now }: Divan): void {
  app.get('/leaderboard', async request => {
    const { day = dayOf(now()), scope } = parse(standingsQuery, request.query);
    const { campusId } = callerOf(request);
    const standings = await store.board.standings(day, scope === 'global' ? scope : `campus:${campusId}`);
    const items = standings.map(({ rank, userId, points }) => ({ rank, user_id: userId, points }));
    return { day, scope, items };
  });
}
