import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { z } from 'zod';
import { readJson } from '../body.ts';
import { parse } from '../failure.ts';
import type { JobDecision, Studio } from '../studio.ts';

const submission = z
  .object({
    type: z.string().trim().min(1).max(128).default('generic'),
    payload: z.record(z.string(), z.unknown()).default({}),
  })
  .default({ type: 'generic', payload: {} });

interface Job {
  readonly id: string;
  readonly type: string;
  /** Seconds since the epoch. */
  readonly submitted_at: number;
  readonly decision: JobDecision | undefined;
}

/** A poll that nobody makes must not fill the memory. */
const MOST = 1000;

export function jobRoutes(app: Hono, { budget, now }: Studio): void {
  const jobs = new Map<string, Job>();

  app.post('/jobs/submit', async c => {
    const { type, payload } = parse(submission, await readJson(c));
    const id = randomUUID().replaceAll('-', '');
    const decision = await budget?.register({ id, type, payload });
    if (jobs.size >= MOST) jobs.delete(jobs.keys().next().value!);
    jobs.set(id, { id, type, submitted_at: now() / 1000, decision });
    return c.json({ ok: true, id, ...decision });
  });

  app.get('/jobs/poll', async c => {
    for (const [id, decision] of (await budget?.refresh()) ?? []) {
      const job = jobs.get(id);
      if (job) jobs.set(id, { ...job, decision });
    }
    const items = [...jobs.values()].map(({ decision, ...job }) => ({
      ...job,
      status: 'queued',
      ...decision,
    }));
    return c.json({ items });
  });
}
