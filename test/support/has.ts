import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** Debian's own, which has its packages. */
export const PYTHON = '/usr/bin/python3';

/** Whether a program runs here. Where not, the test is skipped with the way to get it, or fails where all is required. */
export function has(t: TestContext, command: string, args: readonly string[], how: string): boolean {
  return present(t, spawnSync(command, args).status === 0, how);
}

export function present(t: TestContext, found: boolean, how: string): boolean {
  if (found) return true;
  if (process.env['PLIMSOLL_TEST_REQUIRE'] === 'all') throw new Error(how);
  t.skip(how);
  return false;
}
