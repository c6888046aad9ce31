import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Probe } from '../probe.ts';

const SECRET = 'doctor-secret-value';

/** A line is written to its file, as JSON, without its secret. */
export const structlog: Probe = {
  name: 'structlog',
  async run({ own, find }) {
    const opened = await own().catch((error: Error) => error);
    if (opened instanceof Error) return { ok: false, error: opened.message };
    const { obs } = opened;
    const probe = randomUUID();
    obs.log.info({ probe, password: SECRET }, 'doctor_line');
    obs.log.flush();
    const file = obs.read<{ file?: string }>('output')?.file;
    const text = file === undefined ? '' : readFileSync(file, 'utf8');
    const line = text.split('\n').find(one => one.includes(probe));
    if (line === undefined) {
      find('line_not_written');
      return { ok: false, error: 'the line is not in the file' };
    }
    if (line.includes(SECRET)) {
      find('line_not_redacted');
      return { ok: false, error: 'the line shows a secret' };
    }
    return { ok: true, line: JSON.parse(line) };
  },
};
