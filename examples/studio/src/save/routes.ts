import type { Hono } from 'hono';
import { readJson } from '../body.ts';
import type { Studio } from '../studio.ts';
import { Saves } from './saves.ts';
import { slotOf } from './slot.ts';

export function saveRoutes(app: Hono, { settings, now }: Studio): void {
  const saves = new Saves(settings.runtimeRoot, now);

  app.get('/api/save/list', async c => c.json({ ok: true, slots: await saves.list() }));

  app.get('/api/save/:slot', async c =>
    c.json({ ok: true, save: await saves.load(slotOf(c.req.param('slot'))) }),
  );

  app.post('/api/save/:slot', async c => {
    const slot = slotOf(c.req.param('slot'));
    return c.json({ ok: true, save: await saves.store(slot, await readJson(c)) });
  });
}
