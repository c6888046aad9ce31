import { systemClock } from '../../../src/base/clock.ts';
import { createMetrics, type MetricsConfig } from '../../../src/signals/metrics/registry.ts';
import type { Exposition, Metrics } from '../../../src/signals/metrics/types.ts';

export function metricsWith(config: Partial<MetricsConfig> = {}): Metrics {
  return createMetrics({ clock: systemClock(), ...config });
}

export async function scrape(metrics: Metrics, format: Exposition = 'prometheus'): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true }).decode(await metrics.expose(format));
}

/** The samples of a scrape, as `name{labels}` to the text of the value. */
export async function samples(
  metrics: Metrics,
  format: Exposition = 'prometheus',
): Promise<Map<string, string>> {
  const lines = (await scrape(metrics, format))
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map(line => {
      const sample = line.replace(/ # \{.*$/, '');
      const at = sample.lastIndexOf(' ');
      return [sample.slice(0, at), sample.slice(at + 1)] as const;
    }),
  );
}

/** Like `samples`, without our own metrics about metrics. */
export async function seriesOf(metrics: Metrics, name: string): Promise<string[]> {
  return [...(await samples(metrics)).keys()].filter(key => key === name || key.startsWith(`${name}{`));
}
