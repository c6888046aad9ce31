import { ask, type Probe, skipped, under } from '../probe.ts';

/** With the admin token: the service makes a span, and a collector takes it. */
export const traceTest: Probe = {
  name: 'trace_test',
  async run({ base, token, health, find }) {
    if ('error' in (await health())) return skipped('no answer');
    if (token === undefined) return skipped('no admin token');
    const answer = await ask(under(base, '/ops/trace/test'), { method: 'POST', token });
    if ('error' in answer) return { ok: false, error: answer.error };
    const body = parse(answer.text);
    if (answer.status === 200) {
      const { trace_id: trace, exported } = body;
      if (exported !== true) find('trace_not_exported');
      return { ok: true, exported: exported === true, trace_id: trace ?? null };
    }
    if (answer.status === 404) return skipped('no such route');
    if (body['code'] === 'disabled in prod') {
      find('trace_test_refused');
      return skipped('disabled in prod');
    }
    find('trace_test_failed', `${answer.status} ${String(body['code'] ?? '')}`.trim());
    return { ok: false, status_code: answer.status };
  },
};

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
