import type { CheckResult } from './types.ts';

/** What one call of a check came to: what anyone may see, and the text that only the log gets. */
export interface Outcome {
  readonly ok: boolean;
  readonly error?: string;
  /** The check's own keys; a check that returns some is shown with these alone. */
  readonly extra?: Own;
  readonly text?: string;
}

type Own = Readonly<Record<string, string | number | boolean | null>>;
/** Cleans one of a check's own keys, by its name and its value, before anyone sees it; the kit hands in the redactor. */
export type Clean = (own: Own) => Own;

const CODE = /^[a-z][a-z0-9_]{0,63}$/;
const OWN_KEYS_AT_MOST = 16;
const SCALARS: ReadonlySet<string> = new Set(['string', 'number', 'boolean']);
const RESERVED = new Set(['ok', 'error', 'latency_ms', 'age_ms']);

/** A returned value is a verdict only where it says so with a boolean `ok`; a driver's result is a pass. */
export function fromValue(value: unknown, clean: Clean): Outcome {
  if (typeof value !== 'object' || value === null) return { ok: true };
  const { ok, error } = value as { ok?: unknown; error?: unknown };
  if (typeof ok !== 'boolean') return { ok: true };
  const extra = ownKeys(value, clean);
  if (ok) return extra ? { ok, extra } : { ok };
  // An old migration says all with its two versions; only a bare failure needs a code of ours.
  if (error === undefined && extra) return { ok, extra, text: JSON.stringify(extra) };
  const code = toCode(error);
  return { ok, error: code, ...(extra ? { extra } : {}), text: error === undefined ? code : String(error) };
}

export function fromError(error: unknown): Outcome {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return { ok: false, error: toCode(code), text: describe(error) };
}

/** The result as probes see it. `latency` is absent where the check has keys of its own. */
export function toResult(outcome: Outcome, latency: number): CheckResult {
  const result: Record<string, unknown> = { ok: outcome.ok };
  if (outcome.ok && !outcome.extra) result['latency_ms'] = Math.round(latency * 100) / 100;
  if (outcome.error !== undefined) result['error'] = outcome.error;
  return Object.freeze(Object.assign(result, outcome.extra)) as CheckResult;
}

function toCode(value: unknown): string {
  return typeof value === 'string' && CODE.test(value) ? value : 'error';
}

function ownKeys(value: object, clean: Clean): Outcome['extra'] {
  const extra: Record<string, string | number | boolean | null> = {};
  let count = 0;
  for (const [key, own] of Object.entries(value)) {
    if (RESERVED.has(key) || count === OWN_KEYS_AT_MOST) continue;
    if (own !== null && !SCALARS.has(typeof own)) continue;
    Object.assign(extra, clean({ [key]: own as string }));
    count += 1;
  }
  return count > 0 ? extra : undefined;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return safeText(error);
  const code = (error as { code?: unknown }).code;
  const text = typeof code === 'string' ? `${code}: ${error.message}` : error.message;
  return error.cause === undefined ? text : `${text} (${describe(error.cause)})`;
}

function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'a value without text';
  }
}
