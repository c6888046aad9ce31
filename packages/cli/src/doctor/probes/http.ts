import type { Probe } from '../probe.ts';

/** The service answers 200 at /health. */
export const http: Probe = {
  name: 'http',
  async run({ health, find, base }) {
    const answer = await health();
    if ('error' in answer) {
      find('base_unreachable', `${base.origin} (${answer.error})`);
      return { ok: false, error: answer.error };
    }
    if (answer.status !== 200) {
      find('health_status', String(answer.status));
      return { ok: false, status_code: answer.status };
    }
    return { ok: true, payload: payloadOf(answer.text) };
  },
};

function payloadOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { raw: text };
  }
}
