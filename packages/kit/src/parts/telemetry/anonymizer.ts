import { createCompatible, createHasher, createPrivacy } from '@plimsoll/privacy';

/** What stands between telemetry and everything that is stored or sent; one per installation secret. */
export interface Anonymizer {
  /** The installation's id: 32 hex digits. */
  readonly id: string;
  /** A payload as it may be kept: at most 8 KB of JSON. */
  payload(value: unknown): unknown;
  /** A name of an event or a feature: trimmed, lower case, at most 128 characters; empty for none. */
  name(text: unknown): string;
  digest(value: string, namespace: string): string;
}

const MAX_NAME = 128;
const MAX_PAYLOAD = 8192;
/** An absolute path tells who and where, in a text as under a name of its own. */
const FILE_PATH =
  /(?:file:\/\/)?(?:(?<![A-Za-z])[A-Za-z]:[\\/]|\\\\|~\/|\/(?:home|Users|root|srv|var|tmp|opt|mnt|etc|usr|private|Volumes|media|data)\/)[^\s"'<>|:;,()]{1,4096}/g;

/** A name that is nothing but somebody's or something's id: digits, a UUID, hex, a ULID. */
const ID =
  /^(?:\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=.*\d)[0-9a-f]{12,}|[0-9A-HJKMNP-TV-Z]{26})$/i;

export function createAnonymizer(secret: Uint8Array, compatible: boolean): Anonymizer {
  const hash = createHasher(secret, { compatible });
  const privacy = createPrivacy({ key: secret, compatible });
  const redact = compatible
    ? createCompatible(secret)
    : (value: unknown) => privacy.redact(value, 'telemetry');
  const clean = (text: string): string => withoutPaths(privacy.text(text, 'telemetry'));
  return {
    id: hash('plimsoll', 'installation'),
    payload: value => fitting(deep(redact(value))),
    name: text => {
      if (typeof text !== 'string') return '';
      const word = text.slice(0, MAX_NAME * 8).trim();
      if (ID.test(word)) return hash(word, 'name');
      return clean(word).toLowerCase().slice(0, MAX_NAME).trim();
    },
    digest: hash,
  };
}

function withoutPaths(text: string): string {
  return text.includes('/') || text.includes('\\') ? text.replace(FILE_PATH, '[path]') : text;
}

/** Paths in texts and in names, which the redactor knows by the name above them only. */
function deep(value: unknown): unknown {
  if (typeof value === 'string') return withoutPaths(value);
  if (Array.isArray(value)) return value.map(deep);
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = Object.create(null);
  for (const [key, child] of Object.entries(value)) out[withoutPaths(key)] = deep(child);
  return out;
}

/** Members in their order, as long as they fit. */
function fitting(value: unknown): unknown {
  const size = JSON.stringify(value)?.length ?? 0;
  if (size <= MAX_PAYLOAD) return value ?? null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '[truncated]';
  const out: Record<string, unknown> = Object.create(null);
  const entries = Object.entries(value);
  let left = MAX_PAYLOAD - 32;
  let kept = 0;
  for (const [key, child] of entries) {
    left -= JSON.stringify({ [key]: child }).length;
    if (left < 0) break;
    out[key] = child;
    kept += 1;
  }
  out['…'] = `+${entries.length - kept} keys`;
  return out;
}
