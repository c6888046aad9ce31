import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Probe } from '../probe.ts';

/** A simulated crash becomes a dump that says what was thrown. The dump is marked, and stays until the next run. */
export const crash: Probe = {
  name: 'crash_reporter',
  async run({ own, find }) {
    const opened = await own().catch((error: Error) => error);
    if (opened instanceof Error) {
      find('own_kit_failed', opened.message);
      return { ok: false, error: opened.message };
    }
    const message = `doctor: simulated crash ${randomUUID()}`;
    const path = opened.obs.crash.capture(new Error(message), {
      ...{ context: { source: 'plimsoll-doctor', marker: true }, synthetic: true },
    });
    if (path === undefined) {
      find('crash_not_written');
      return { ok: false, error: 'no dump was written' };
    }
    try {
      const payload = JSON.parse(readFileSync(path, 'utf8')) as { message?: unknown };
      const ok = payload.message === message;
      if (!ok) find('crash_differs', path);
      return { ok, path, payload };
    } catch (error) {
      find('crash_differs', path);
      return { ok: false, path, error: (error as Error).message };
    }
  },
};
