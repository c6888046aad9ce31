import { type Probe, skipped } from '../probe.ts';

const SLOW_MS = 1000;
const SKEW_MS = 5000;

/** How long /health took, and how far the service's clock is from ours; its Date header has whole seconds. */
export const timing: Probe = {
  name: 'timing',
  async run({ health, find }) {
    const answer = await health();
    if ('error' in answer) return skipped('no answer');
    const { ms, at, headers } = answer;
    if (ms > SLOW_MS) find('slow_answer', `${Math.round(ms)} ms`);
    const date = Date.parse(headers.get('date') ?? '');
    if (Number.isNaN(date)) return { ok: true, answer_ms: ms };
    const skew = Math.round(date - (at - ms / 2));
    if (Math.abs(skew) > SKEW_MS) find('clock_skew', `${skew} ms`);
    return { ok: true, answer_ms: ms, clock_skew_ms: skew };
  },
};
