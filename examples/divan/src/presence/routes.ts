import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Caller, callerOf } from '../auth.ts';
import type { Divan } from '../divan.ts';
import { parse, Refusal } from '../failure.ts';
import { metres } from '../geo.ts';
import { MinuteLimit } from '../limit.ts';
import { newPerson } from '../people.ts';
import { campusId, userId } from '../schemas.ts';
import type { Position } from '../store/store.ts';

/** A position counts for this long after its heartbeat. */
export const FRESH_MS = 120_000;
/** 300 km/h: faster than a train to the next campus. */
const FASTEST_M_S = 83;
/** What a first fix may be off beyond its own accuracy. */
const SLACK_M = 100;

const heartbeat = z.object({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  accuracy_m: z.number().min(1).max(50),
  campus_id: campusId.nullish(),
  venue_id: userId.nullish(),
  device_id: userId,
  ts_client: z.number().int().min(0),
});

export function presenceRoutes(app: FastifyInstance, divan: Divan): void {
  const { store, metrics, settings, now, development } = divan;
  const most = settings.heartbeatsPerMinute ?? (development ? Number.POSITIVE_INFINITY : 30);
  const limit = new MinuteLimit(most, now);

  const refused = (reason: string, refusal: Refusal): Refusal => {
    metrics.rejects.inc({ reason });
    return refusal;
  };

  app.post('/presence/heartbeat', async request => {
    const caller = callerOf(request);
    try {
      limit.take(caller.userId);
    } catch (refusal) {
      throw refused('rate_limit', refusal as Refusal);
    }
    const beat = parse(heartbeat, request.body);
    const home = await campusOf(divan, caller);
    if (beat.campus_id && home && beat.campus_id !== home) {
      throw refused('campus_mismatch', new Refusal(403, 'campus mismatch'));
    }
    if (beat.campus_id && !home && !development) {
      throw refused('membership', new Refusal(403, 'campus mismatch'));
    }
    const campus = home ?? beat.campus_id ?? null;
    const { lat, lon, accuracy_m: accuracyM } = beat;
    const position = { userId: caller.userId, lat, lon, accuracyM, campusId: campus, at: now() };
    const last = await store.places.get(caller.userId);
    if (last && !plausible(last, position)) {
      throw refused('implausible', new Refusal(400, 'implausible movement'));
    }
    await store.people.ensure(newPerson(caller.userId, campus));
    await store.places.put(position);
    metrics.heartbeats.inc({ campus_id: campus ?? 'none' });
    return { ts: position.at, ok: true };
  });

  app.post('/presence/offline', async request => {
    await store.places.remove(callerOf(request).userId);
    return { ok: true };
  });

  app.get('/presence/status/self', async request => {
    const position = await store.places.get(callerOf(request).userId);
    return { online: position !== undefined && position.at >= now() - FRESH_MS, ts: position?.at ?? null };
  });
}

/** Where the token does not say it, the directory does. */
export async function campusOf({ store }: Divan, caller: Caller): Promise<string | null> {
  return caller.campusId ?? (await store.people.get(caller.userId))?.campusId ?? null;
}

/** By our clock: the client's may say anything. */
function plausible(last: Position, next: Position): boolean {
  const seconds = Math.max(0, next.at - last.at) / 1000;
  const possible = seconds * FASTEST_M_S + last.accuracyM + next.accuracyM + SLACK_M;
  return metres(last, next) <= possible;
}
