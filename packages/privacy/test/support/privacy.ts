import { type Column, createPrivacy, type Privacy, type PrivacyOptions } from '@plimsoll/privacy';

/** The installation secret of the vectors: bytes 00 to 1f. */
export const KEY = Uint8Array.from({ length: 32 }, (_, byte) => byte);
export const COLUMNS: readonly Column[] = ['logs', 'telemetry', 'labels', 'spans', 'echo', 'hooks', 'dumps'];
/** Those where an answer may not show the caller's own data. */
export const OUTWARD = COLUMNS.filter(column => column !== 'echo');
export const NONE: ReadonlySet<string> = new Set();

export function privacy(options: Partial<PrivacyOptions> = {}): Privacy {
  return createPrivacy({ key: KEY, ...options });
}

/** What a log line would hold. */
export function line(fields: object, options?: Partial<PrivacyOptions>): Record<string, unknown> {
  return parse(privacy(options).fields(fields, NONE));
}

export function parse(fragment: string): Record<string, unknown> {
  const { a, ...rest } = JSON.parse(`{"a":0${fragment}}`) as Record<string, unknown>;
  return a === 0 ? rest : { a, ...rest };
}
