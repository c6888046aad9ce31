import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { z } from 'zod';
import { readJson } from '../body.ts';
import { parse } from '../failure.ts';
import type { Studio } from '../studio.ts';

/** What the job will take, as budgets read it: a number, or a text of one. */
const hint = z.union([z.number(), z.string().regex(/^\s*-?\d+(\.\d+)?\s*$/)]).nullish();
const perf = z
  .looseObject({ cpu_percent: hint, ram_mb: hint, memory_mb: hint, vram_mb: hint, gpu_mem_mb: hint })
  .nullish();
const submission = z
  .object({
    type: z.string().trim().min(1).max(128).default('generic'),
    payload: z.looseObject({ perf }).default({}),
  })
  .default({ type: 'generic', payload: {} });

interface Job {
  readonly id: string;
  readonly type: string;
  readonly status: 'queued';
  /** Seconds since the epoch. */
  readonly submitted_at: number;
}

/** Jobs that nobody polls must not fill the memory; the oldest go first. */
const MOST = 1000;

/** A queue that others work off; the budgets say of each job whether it may run now. */
export function jobRoutes(app: Hono, { budget, now }: Studio): void {
  const jobs = new Map<string, Job>();

  app.post('/jobs/submit', async c => {
    const { type, payload } = parse(submission, await readJson(c));
    const id = randomUUID().replaceAll('-', '');
    const annotation = budget.annotate({ job_id: id, job_type: type, payload });
    if (jobs.size >= MOST) jobs.delete(jobs.keys().next().value!);
    jobs.set(id, { id, type, status: 'queued', submitted_at: now() / 1000 });
    return c.json({ ok: true, id, ...annotation });
  });

  app.get('/jobs/poll', c =>
    c.json({ items: [...jobs.values()].map(job => ({ ...job, ...budget.annotation(job.id) })) }),
  );
}
