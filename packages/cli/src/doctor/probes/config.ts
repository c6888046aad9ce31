import { join } from 'node:path';
import { loadConfig } from 'plimsoll/kit';
import type { Probe } from '../probe.ts';

/** The configuration that a service started in this folder would have, as `plimsoll config validate` finds it. */
export const config: Probe = {
  name: 'config',
  async run({ find }) {
    const { findings, warnings } = loadConfig({ argv1: join(process.cwd(), 'service'), mayThrow: false });
    for (const { field, code } of findings) find('config_invalid', `${field} ${code}`);
    for (const { field, code, advice } of warnings) if (!advice) find('config_warning', `${field} ${code}`);
    const shown = (all: readonly { field: string; code: string; message: string }[]) =>
      all.map(({ field, code, message }) => ({ field, code, message }));
    return { ok: findings.length === 0, errors: shown(findings), warnings: shown(warnings) };
  },
};
