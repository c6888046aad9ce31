import type { FastifyInstance } from 'fastify';
import { callerOf } from '../auth.ts';
import type { Divan } from '../divan.ts';
import { parse } from '../failure.ts';
import { MinuteLimit } from '../limit.ts';
import { radiusStep } from '../metrics.ts';
import { nearbyQuery, search } from './search.ts';

export function nearbyRoutes(app: FastifyInstance, divan: Divan): void {
  const { settings, development, now, metrics } = divan;
  const limit = new MinuteLimit(settings.nearbyPerMinute ?? (development ? 300 : 30), now);
  app.get('/proximity/nearby', async request => {
    const caller = callerOf(request);
    limit.take(caller.userId);
    const query = parse(nearbyQuery, request.query);
    const answer = await search(divan, caller, query);
    metrics.queries.inc({ radius: radiusStep(query.radius_m) });
    return answer;
  });
}
