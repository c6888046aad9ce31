import type { Hono } from 'hono';
import { readJson } from '../body.ts';
import { parse } from '../failure.ts';
import { plan } from './plan.ts';
import { planRequest } from './schema.ts';

export function planRoutes(app: Hono): void {
  app.post('/api/presentation/plan', async c => {
    const request = parse(planRequest, await readJson(c));
    const items = plan(request);
    return c.json({ node_id: request.node.id, plan: items, meta: { count: items.length } });
  });
}
