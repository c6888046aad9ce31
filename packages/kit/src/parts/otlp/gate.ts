import type { Config } from '../../config/load.ts';
import { missesGrpc, type OtlpSignal, otlpTarget } from '../../config/otlp-target.ts';

export const name = 'otlp';

export type { OtlpSignal };
export type Wanted = Readonly<Record<OtlpSignal, boolean>>;

/** Which signals leave over OTLP, or undefined where none does and the part is not loaded. */
export function wanted(config: Config): Wanted | undefined {
  if (config.get('otlp.disabled')) return undefined;
  const signals: Wanted = {
    traces: config.get('trace.enabled') !== false && reachable(config, 'traces'),
    logs: reachable(config, 'logs'),
    metrics: config.get('metrics.enabled') && reachable(config, 'metrics'),
  };
  return signals.traces || signals.logs || signals.metrics ? signals : undefined;
}

/** gRPC without the package that speaks it is a finding of the config, and here nothing. */
function reachable(config: Config, signal: OtlpSignal): boolean {
  return otlpTarget(config, signal) !== undefined && !missesGrpc(config, signal);
}
