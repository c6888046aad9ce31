import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '../../base/file-lock.ts';
import { OpsError } from '../../base/ops-error.ts';
import type { Config } from '../../kernel/part.ts';
import { bundleFolder, prune } from './bundles.ts';
import { Ledger } from './ledger.ts';

/**
 * Deletes what is counted while the part is off and nobody counts: consent may be withdrawn, and all be forgotten,
 * without turning telemetry on for it. Without its secret the installation gets a new one when it counts again.
 */
export async function purgeFiles(
  config: Config,
  { secret = false }: { secret?: boolean } = {},
): Promise<void> {
  const root = config.get('runtimeRoot');
  if (!root) return;
  const folder = join(root, 'logs/telemetry');
  if (secret) await rm(join(root, 'config/telemetry/anonymizer.json'), { force: true });
  if (!existsSync(folder)) return;
  const done = await withFileLock(join(folder, 'lock'), async () => {
    for (const name of ['usage.json', 'queue', 'journal']) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
    await prune(bundleFolder(root), config.get('telemetry.bundleName'), 0);
    if (secret) await new Ledger(join(folder, 'ledger.jsonl')).forgetBodies();
  });
  if (done === undefined) throw new OpsError('telemetry_busy');
}
