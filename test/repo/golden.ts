import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source.ts';

/** Compares with a committed file; `UPDATE_GOLDEN=1` writes it instead. */
export function golden(path: string, actual: string): void {
  const file = join(ROOT, path);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, actual);
  assert.equal(
    existsSync(file) ? readFileSync(file, 'utf8') : '',
    actual,
    `${path} differs; its head says what to do`,
  );
}
