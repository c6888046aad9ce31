import type { CrashRow } from '@plimsoll/wire/ops';

/** Dumps of one crash, newest first. */
export interface Group {
  readonly newest: CrashRow;
  readonly dumps: readonly CrashRow[];
  /** Dumps, and failures that were only counted. */
  readonly count: number;
  /** Epoch milliseconds. */
  readonly first: number;
  readonly last: number;
}

/** By fingerprint, the one that came last first. `rows` are newest first. */
export function groupsOf(rows: readonly CrashRow[]): readonly Group[] {
  const groups = new Map<string, CrashRow[]>();
  for (const row of rows) {
    const group = groups.get(row.fingerprint);
    if (group === undefined) groups.set(row.fingerprint, [row]);
    else group.push(row);
  }
  const all = [...groups.values()].map(dumps => {
    const times = dumps.map(({ timestamp }) => Date.parse(timestamp));
    return {
      ...{ newest: dumps[0]!, dumps, first: Math.min(...times), last: Math.max(...times) },
      count: dumps.reduce((sum, { suppressed = 0 }) => sum + 1 + suppressed, 0),
    };
  });
  return all.sort((a, b) => b.last - a.last);
}

const SOURCES: Readonly<Record<CrashRow['source'], string>> = {
  uncaughtException: 'uncaught error',
  unhandledRejection: 'rejected promise',
  worker: 'worker thread',
  request: 'request',
  capture: 'reported by the app',
  ended: 'found at the next start',
};

export const sourceOf = ({ source, synthetic }: Pick<CrashRow, 'source' | 'synthetic'>): string =>
  synthetic ? 'made by a check' : (SOURCES[source] ?? source);
