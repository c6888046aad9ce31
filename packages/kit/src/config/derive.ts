import { randomBytes } from 'node:crypto';
import type { OptionRow } from './options/row.ts';
import type { Env, Reading, Readings, Source } from './sources.ts';

const DEVELOPMENT = new Set(['dev', 'development', 'local', 'test']);

/** Only these words are development; everything else has production's rules. */
export function isDevelopment(env: string): boolean {
  return DEVELOPMENT.has(env.trim().toLowerCase());
}

/**
 * Takes, for each row, the first place that says something; maps are merged, nearer places over farther ones.
 * `places` are in falling precedence.
 */
export function resolveValues(rows: Iterable<OptionRow>, places: readonly Readings[]): Map<string, Reading> {
  const values = new Map<string, Reading>();
  for (const row of rows) {
    const said = places.map(place => place.get(row.key)).filter(reading => reading !== undefined);
    const first = said[0] ?? { value: row.default, source: { kind: 'default' } as Source };
    const value =
      row.type === 'map' ? Object.assign({}, ...said.map(reading => reading.value).reverse()) : first.value;
    values.set(row.key, {
      // What is handed in is somebody else's, and lives on.
      value: typeof value === 'object' && row.type !== 'handed' ? Object.freeze(value) : value,
      source: first.source,
    });
  }
  return values;
}

/** Options whose default is another one's value, filled in place. */
export function derive(values: Map<string, Reading>, env: Env): void {
  const resource = values.get('resource')!;
  const attributes = resource.value as Readonly<Record<string, string>>;
  const fallBack = (key: string, value: string | undefined, source: Source) => {
    if (value && values.get(key)!.source.kind === 'default') values.set(key, { value, source });
  };
  fallBack('service', attributes['service.name'], resource.source);
  fallBack('version', attributes['service.version'], resource.source);
  const commit = values.get('commit')!;
  // The table's default for a commit that nobody gave is no version, also where a variable spells it out.
  if (commit.value !== 'unknown') fallBack('version', String(commit.value), commit.source);
  fallBack('env', attributes['deployment.environment.name'], resource.source);
  fallBack('env', attributes['deployment.environment'], resource.source);
  fallBack('env', env['NODE_ENV']?.trim(), { kind: 'env', name: 'NODE_ENV' });
  deriveRatio(values);
  deriveToken(values);
}

/** A console that is told where we are is to be let in: it gets a token for this run where there is none. */
function deriveToken(values: Map<string, Reading>): void {
  const announce = values.get('ops.announce')!;
  const tokens = values.get('ops.adminToken')!.value as readonly string[];
  if (!announce.value || tokens.some(token => token.trim() !== '')) return;
  const value = Object.freeze([randomBytes(24).toString('base64url')]);
  values.set('ops.adminToken', { value, source: announce.source });
}

/** The specification's samplers are our ratio under other names. A ratio set by our own name beats them. */
function deriveRatio(values: Map<string, Reading>): void {
  const sampler = values.get('trace.sampler')!;
  const ratio = values.get('trace.ratio')!;
  const ours = ratio.source.kind !== 'default' && ratio.source.name !== 'OTEL_TRACES_SAMPLER_ARG';
  if (ours || sampler.source.kind === 'default') return;
  const fixed = String(sampler.value).endsWith('always_on') ? 1 : 0;
  if (/always_(on|off)$/.test(String(sampler.value))) {
    values.set('trace.ratio', { value: fixed, source: sampler.source });
  }
}
