import { randomBytes } from 'node:crypto';

/** One acknowledged thing, already anonymous: a line of a journal. `send` where it may leave this machine. */
export type Entry = (
  | { readonly kind: 'feature'; readonly name: string; readonly variant?: string }
  | { readonly kind: 'event'; readonly name: string; readonly category: string; readonly payload: unknown }
  | { readonly kind: 'hook'; readonly name: string; readonly payload: unknown }
  | { readonly kind: 'crash'; readonly report: string }
) & { readonly ts: string; readonly send?: true };

interface Feature {
  total: number;
  last_ts: string;
  variants?: Record<string, number>;
}

interface Hook {
  total: number;
  last_ts: string;
  samples: { ts: string; payload: unknown }[];
}

/** `usage.json`. */
export interface Usage {
  features: Record<string, Feature>;
  events: { event: string; category: string; ts: string; payload: unknown }[];
  hooks: Record<string, Hook>;
  crashes?: { report: string; ts: string }[];
  meta: {
    created_at: string;
    settings_updated_at?: string;
    /** Of what is counted here; a journal of another one is not. */
    epoch: string;
    /** Journals whose entries are in this file, and which may not be gone yet. */
    merged: string[];
  };
  anonymous_id: string;
  app_version?: string;
}

const MAX_EVENTS = 200;
const MAX_SAMPLES = 5;
const MAX_CRASHES = 50;
const MAX_FEATURES = 500;
const MAX_VARIANTS = 50;
const MAX_HOOKS = 200;
/** What is counted for names beyond the bound. */
const OTHER = '(other)';

export function emptyUsage(now: string, anonymousId: string): Usage {
  return {
    features: bare(),
    events: [],
    hooks: bare(),
    meta: { created_at: now, epoch: randomBytes(6).toString('hex'), merged: [] },
    anonymous_id: anonymousId,
  };
}

/** Undefined where the text is not what we wrote. */
export function parseUsage(text: string): Usage | undefined {
  try {
    const usage = JSON.parse(text) as Usage;
    if (typeof usage.meta.epoch !== 'string' || !Array.isArray(usage.events)) return undefined;
    const features: Usage['features'] = bare(usage.features);
    for (const feature of Object.values(features))
      if (feature.variants) feature.variants = bare(feature.variants);
    return {
      ...usage,
      features,
      hooks: bare(usage.hooks),
      meta: { ...usage.meta, merged: [...usage.meta.merged] },
    };
  } catch {
    return undefined;
  }
}

export function applyEntry(usage: Usage, entry: Entry): void {
  const { ts } = entry;
  if (entry.kind === 'feature') {
    const feature = entryOf<Feature>(usage.features, entry.name, MAX_FEATURES, () => ({
      total: 0,
      last_ts: ts,
    }));
    feature.total += 1;
    feature.last_ts = ts;
    if (entry.variant === undefined) return;
    feature.variants ??= bare();
    const known = entry.variant in feature.variants || Object.keys(feature.variants).length < MAX_VARIANTS;
    const variant = known ? entry.variant : OTHER;
    feature.variants[variant] = (feature.variants[variant] ?? 0) + 1;
  } else if (entry.kind === 'event') {
    usage.events.push({ event: entry.name, category: entry.category, ts, payload: entry.payload });
    if (usage.events.length > MAX_EVENTS) usage.events.shift();
  } else if (entry.kind === 'hook') {
    const hook = entryOf<Hook>(usage.hooks, entry.name, MAX_HOOKS, () => ({
      total: 0,
      last_ts: ts,
      samples: [],
    }));
    hook.total += 1;
    hook.last_ts = ts;
    hook.samples.push({ ts, payload: entry.payload });
    if (hook.samples.length > MAX_SAMPLES) hook.samples.shift();
  } else {
    usage.crashes ??= [];
    usage.crashes.push({ report: entry.report, ts });
    if (usage.crashes.length > MAX_CRASHES) usage.crashes.shift();
  }
}

function entryOf<T>(map: Record<string, T>, name: string, most: number, make: () => T): T {
  const key = name in map || Object.keys(map).length < most ? name : OTHER;
  map[key] ??= make();
  return map[key];
}

/** Names are data: `__proto__` is one like any other. */
function bare<T>(from: Record<string, T> = {}): Record<string, T> {
  return Object.assign(Object.create(null), from);
}
