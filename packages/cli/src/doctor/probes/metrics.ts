import { ask, type Probe, skipped, under } from '../probe.ts';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\.)*"';
/** A sample of the text format, with OpenMetrics' exemplar where there is one. */
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(?:${LABEL}(?:,${LABEL})*,?)?\\})? (NaN|[+-]?(?:Inf|[0-9][0-9.eE+-]*))(?: -?[0-9.]+)?(?: # \\{.*\\} .+)?$`,
);

/** /metrics is text that Prometheus takes, and says that nothing was lost. */
export const metrics: Probe = {
  name: 'metrics',
  async run({ base, token, health, find }) {
    if ('error' in (await health())) return skipped('no answer');
    const answer = await ask(under(base, '/metrics'), { token });
    if ('error' in answer) return { ok: false, error: answer.error };
    if (answer.status === 403 || answer.status === 401) {
      find('metrics_refused');
      return skipped(`status ${answer.status}`);
    }
    if (answer.status !== 200) {
      find('metrics_missing', String(answer.status));
      return skipped(`status ${answer.status}`);
    }
    const lines = answer.text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
    const samples = lines.map(line => SAMPLE.exec(line));
    const bad = samples.indexOf(null);
    if (bad >= 0 || lines.length === 0) {
      find('metrics_malformed', lines[bad]?.slice(0, 80) ?? 'empty');
      return { ok: false, error: 'not Prometheus text' };
    }
    const total = (name: string): number =>
      samples.reduce((sum, sample) => (sample?.[1] === name ? sum + Number(sample[2]) : sum), 0);
    const queued = total('plimsoll_otlp_queue_bytes');
    const dropped = total('plimsoll_otlp_dropped_total');
    const lost = total('plimsoll_log_lines_lost_total');
    if (dropped > 0 || queued > QUEUED)
      find('export_backlog', `${queued} bytes wait, ${dropped} were dropped`);
    if (lost > 0) find('lines_lost', String(lost));
    return {
      ok: true,
      samples: samples.length,
      otlp_queue_bytes: queued,
      otlp_dropped: dropped,
      lines_lost: lost,
    };
  },
};

/** What a healthy exporter may have in hand between two sends. */
const QUEUED = 1_048_576;
