import type { Privacy } from '@plimsoll/privacy';
import { OpsError } from '../../base/ops-error.ts';
import type { AssetProvenanceInput } from './gate.ts';
import type { Bag, Metadata, Provenance } from './store/rows.ts';

const MASK = '********';
const MAX_TEXT = 65_536;
const MAX_NODES = 10_000;
const MAX_DEPTH = 16;

/**
 * What somebody tells about an asset, as it may be kept and given back: the policy's column for one's own data, without
 * its bounds for a line of a log. Credentials are masked, positions rounded, and values that look like either, or like
 * an address, are replaced; a prompt or a caption stays. It is cleaned once, before anything keeps it.
 */
export function cleanBag(privacy: Privacy, bag: Bag): Bag {
  const budget = { left: MAX_NODES };
  return cleanObject(privacy, bag, { budget, depth: 0 });
}

interface Walk {
  readonly budget: { left: number };
  readonly depth: number;
}

function cleanObject(privacy: Privacy, object: Bag, walk: Walk): Bag {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const clean = cleanNamed(privacy, { key, value, walk });
    Object.defineProperty(out, privacy.text(key), {
      value: clean,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return out;
}

function cleanNamed(
  privacy: Privacy,
  { key, value, walk }: { key: string; value: unknown; walk: Walk },
): unknown {
  const kind = privacy.classify(key);
  const plain = typeof value === 'boolean' || value === null;
  if (kind === 'credential' && !plain) return MASK;
  if (kind === 'position' && !plain) {
    const cell = privacy.redact({ [key]: value }, 'echo') as Bag;
    return Object.values(cell)[0] ?? null;
  }
  return cleanValue(privacy, value, walk);
}

function cleanValue(privacy: Privacy, value: unknown, walk: Walk): unknown {
  const { budget, depth } = walk;
  budget.left -= 1;
  if (budget.left < 0 || depth > MAX_DEPTH) throw new OpsError('invalid metadata');
  if (typeof value === 'string') {
    if (value.length > MAX_TEXT) throw new OpsError('invalid metadata');
    return privacy.text(value);
  }
  if (typeof value === 'number') {
    const text = String(value);
    return privacy.text(text) === text ? value : MASK;
  }
  const below = { budget, depth: depth + 1 };
  if (Array.isArray(value)) return value.map(item => cleanValue(privacy, item, below));
  if (typeof value === 'object' && value !== null) return cleanObject(privacy, value as Bag, below);
  return typeof value === 'boolean' ? value : null;
}

export function cleanProvenance(privacy: Privacy, given: AssetProvenanceInput): Provenance {
  const text = (value: string | undefined) => (value === undefined ? null : privacy.text(value));
  const { user_id } = given;
  return {
    source: privacy.text(given.source),
    workflowHash: text(given.workflow_hash),
    commitHash: text(given.commit_hash),
    userId: user_id === undefined ? null : privacy.hash(user_id, 'user_id'),
    inputs: cleanBag(privacy, given.inputs ?? {}),
    c2paLike: given.c2pa_like === undefined ? null : cleanBag(privacy, given.c2pa_like),
  };
}

/** Names that the sidecar has of its own. */
export const SIDECAR_KEYS: ReadonlySet<string> = new Set([
  ...[
    'id',
    'uid',
    'type',
    'path',
    'paths',
    'hash',
    'bytes',
    'tags',
    'license',
    'origin',
    'version',
    'created_at',
  ],
  ...['meta', 'preview', 'thumbnails', 'links', 'provenance'],
]);

export function cleanExtras(privacy: Privacy, given: Bag): Bag {
  const taken = Object.keys(given).find(key => SIDECAR_KEYS.has(key));
  if (taken !== undefined) {
    throw new OpsError('validation_error', {
      errors: [{ field: `sidecar.${taken}`, code: 'reserved_name' }],
    });
  }
  return cleanBag(privacy, given);
}

/**
 * New metadata over the old: tags are united, case-insensitively and with the first spelling, `license` is replaced
 * where it is given, every other name is overwritten.
 */
export function mergeMetadata(known: Metadata | undefined, given: Bag): Metadata {
  const all = { ...known, ...given };
  const license = text(given['license']) ?? known?.license ?? null;
  const version = Number(given['version'] ?? known?.version ?? 1);
  return {
    ...all,
    tags: unique([...(known?.tags ?? []), ...tagsOf(given['tags'])]),
    license: license === '' ? null : license,
    origin: text(given['origin']) ?? known?.origin ?? '',
    version: Number.isSafeInteger(version) && version >= 0 ? version : 1,
  };
}

/** The same, with the given tags in place of the old ones. */
export function replaceMetadata(known: Metadata, given: Bag): Metadata {
  return mergeMetadata('tags' in given ? { ...known, tags: [] } : known, given);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : undefined;
}

function tagsOf(value: unknown): readonly string[] {
  const items = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
  return items.map(text).filter(tag => tag !== undefined && tag !== '') as string[];
}

function unique(tags: readonly string[]): readonly string[] {
  const first = new Map<string, string>();
  for (const tag of tags) if (!first.has(tag.toLowerCase())) first.set(tag.toLowerCase(), tag);
  return [...first.values()];
}
