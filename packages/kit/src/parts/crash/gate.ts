import type { CrashSummary } from '@plimsoll/wire';
import type { Gate, Slot } from '../../config/gate.ts';

export type { CrashSummary };

export interface CaptureOptions {
  /** What helps later: a plugin, a job, a version. Redacted; what JSON can't hold becomes text. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** Files that belong to it. Their paths are kept, they themselves are not copied. */
  readonly attach?: readonly string[] | undefined;
  /** The id in the file's name; else 8 hex digits. What is not `[A-Za-z0-9._-]` becomes `_`. */
  readonly eventId?: string | undefined;
  /** Made on purpose, by a check: marked, not counted by telemetry, and replaced by the next one. */
  readonly synthetic?: boolean | undefined;
}

/** Crash dumps: `<runtime root>/logs/crash/crash-YYYYMMDD_HHMMSS-ID.json`. Off without a runtime root. */
export interface Crash {
  /** Writes a dump of what was caught, and gives its path; undefined while off or where it can't be written. Never throws. */
  capture(error: unknown, options?: CaptureOptions): string | undefined;
  /** The newest first, 20 where nothing else is said. */
  list(limit?: number): readonly CrashSummary[];
  /** The path of the newest dump of this process. */
  last(): string | undefined;
}

export const crashGate: Gate<Crash> = {
  name: 'crash',
  on: config => Boolean(config.get('runtimeRoot')) && config.get('crash.enabled'),
  paths: () => ['/api/crashes', '/api/crashes/:id'],
  off: { capture: () => undefined, list: () => [], last: () => undefined },
};

export function crashOf(slot: Slot<Crash>): Crash {
  return {
    capture: (error, options) => slot.impl.capture(error, options),
    list: limit => slot.impl.list(limit),
    last: () => slot.impl.last(),
  };
}
