/**
 * One check's last result. `extra` keys are the check's own, such as `version` and `required`: scalars, at most
 * 16, texts redacted.
 */
export interface CheckResult {
  readonly ok: boolean;
  /** Milliseconds, two decimals; present on the success of a check that returned no keys of its own. */
  readonly latency_ms?: number;
  /** A code, never a driver's text: `timeout`, `error`, `pending`, or what the check returned. */
  readonly error?: string;
  readonly [extra: string]: unknown;
}

export interface CheckOptions {
  /** Default: option `health.timeoutMs`. */
  readonly timeoutMs?: number;
  /** Default: option `health.intervalMs`. */
  readonly intervalMs?: number;
  /** Also `NAME_up` and `NAME_latency_seconds`. */
  readonly metric?: boolean;
  /** False: shown in /health, but /health/ready does not depend on it. */
  readonly critical?: boolean;
}

/** Throw, reject, or return `{ok:false,error:'code'}` to fail; return anything else, `{ok:true,…extra}` included, to pass. */
export type CheckFn = (signal: AbortSignal) => unknown;

/** A start-up finding: a stable code and the field it is about, never a value. */
export interface Finding {
  readonly field: string;
  readonly code: string;
}

export interface Health {
  /** Registers a check; it runs in the background from now on. The teardown removes it. */
  check(name: string, fn: CheckFn, options?: CheckOptions): () => void;
  /** Adds a start-up finding; /health/startup answers 503 as long as there is one. */
  finding(finding: Finding): void;
  findings(): readonly Finding[];
  /** Ready turns 503 with `error: draining` while this is set. */
  draining: boolean;
  /** The last results in constant time; no check runs. */
  ready(): { readonly ok: boolean; readonly checks: Readonly<Record<string, CheckResult>> };
  /** All checks with their age in milliseconds. */
  report(): Readonly<Record<string, CheckResult & { readonly age_ms: number | null }>>;
  /** Runs the first round of every check and waits for it, each within its timeout. */
  start(): Promise<void>;
  stop(): void;
}
