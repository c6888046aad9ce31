import type { Config } from '../config/load.ts';
import { tracingOn } from '../config/rules.ts';
import type { Part } from '../kernel/part.ts';
import { wanted } from '../parts/otlp/gate.ts';

/** A part that `init` may use: when, and where its code is. Order matters: the first is closed last. */
interface PartRow {
  readonly name: string;
  readonly when: (config: Config) => boolean;
  readonly load: () => Promise<Part>;
}

export const PARTS: readonly PartRow[] = [
  {
    name: 'output',
    when: config => config.get('log.stdout') || logFolder(config),
    load: async () => (await import('../parts/output/part.ts')).output,
  },
  {
    name: 'runtime',
    when: config => config.get('metrics.enabled') && config.get('metrics.runtime'),
    load: async () => (await import('../parts/runtime/part.ts')).runtime,
  },
  {
    name: 'otlp',
    when: config => wanted(config) !== undefined,
    load: async () => (await import('../parts/otlp/part.ts')).otlp,
  },
  {
    name: 'memory',
    when: config => config.development && wanted(config)?.traces !== true,
    load: async () => (await import('../parts/memory/part.ts')).memory,
  },
  {
    name: 'client',
    when: config => tracingOn(config) && config.get('trace.clients'),
    load: async () => (await import('../parts/client/part.ts')).client,
  },
  {
    name: 'otel-api',
    when: config => config.get('otel.register'),
    load: async () => (await import('../parts/otel-api/part.ts')).otelApi,
  },
  {
    name: 'facade',
    when: config => config.get('telemetry.enabled'),
    load: async () => (await import('../parts/facade/part.ts')).facade,
  },
];

function logFolder(config: Config): boolean {
  return Boolean(config.get('log.dir') || config.get('runtimeRoot'));
}
