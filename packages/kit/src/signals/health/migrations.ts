import type { CheckFn } from './types.ts';

export interface MigrationCheckOptions {
  /** The newest version that was applied; undefined where there is none. The signal aborts at the check's timeout. */
  readonly version: (signal: AbortSignal) => Promise<string | undefined> | string | undefined;
  /** At least this version, such as `0008`. */
  readonly required: string;
}

/** A health check that passes with `{ok, version, required}`; codes: `pool_unavailable`, `no_migrations`. */
export function migrationCheck({ version, required }: MigrationCheckOptions): CheckFn {
  return async signal => {
    let current: string | undefined;
    try {
      current = await version(signal);
    } catch (error) {
      throw Object.assign(new Error('the version could not be read', { cause: error }), {
        code: 'pool_unavailable',
      });
    }
    if (current === undefined || current === '') return { ok: false, error: 'no_migrations' };
    return { ok: checkMigration(current, required), version: current, required };
  };
}

/**
 * True where `current` is at least `required`, compared as numbers: `10` ≥ `9`, `0008` ≥ `8`, `1.10` ≥ `1.9`.
 * A name after the number (`0008_add_rooms`) does not count. Versions without a number only match when equal.
 */
export function checkMigration(current: string, required: string): boolean {
  const have = parts(current);
  const want = parts(required);
  if (!have || !want) return current === required;
  for (let i = 0; i < Math.max(have.length, want.length); i += 1) {
    const difference = (have[i] ?? 0n) - (want[i] ?? 0n);
    if (difference !== 0n) return difference > 0n;
  }
  return true;
}

function parts(version: string): bigint[] | undefined {
  // BigInt: versions made of a time stamp with milliseconds and more are longer than a double is exact.
  return /^\D{0,16}(\d{1,40}(?:\.\d{1,40}){0,4})/.exec(version.trim())?.[1]?.split('.').map(BigInt);
}
