import type { Config } from '../../config/load.ts';

export const name = 'otlp';

export type OtlpSignal = 'traces' | 'logs' | 'metrics';
export type Wanted = Readonly<Record<OtlpSignal, boolean>>;

/** Where a signal goes without an endpoint, once its exporter is asked for. */
const LOCAL = 'http://localhost:4318';

/** Which signals leave over OTLP/HTTP, or undefined where none does and the part is not loaded. */
export function wanted(config: Config): Wanted | undefined {
  if (config.get('otlp.disabled')) return undefined;
  const signals: Wanted = {
    traces: config.get('trace.enabled') !== false && endpointOf(config, 'traces') !== undefined,
    logs: endpointOf(config, 'logs') !== undefined,
    metrics: config.get('metrics.enabled') && endpointOf(config, 'metrics') !== undefined,
  };
  return signals.traces || signals.logs || signals.metrics ? signals : undefined;
}

/**
 * The URL of one signal, by the OpenTelemetry specification: its own endpoint as it stands, or the general one
 * with `v1/SIGNAL` added. Undefined where the signal is off, or asks for gRPC.
 */
export function endpointOf(config: Config, signal: OtlpSignal): string | undefined {
  const exporter = config.get(`otlp.${signal}Exporter`);
  if (exporter === 'none') return undefined;
  if ((config.get(`otlp.${signal}Protocol`) ?? config.get('otlp.protocol')) === 'grpc') return undefined;
  const own = config.get(`otlp.${signal}Endpoint`);
  const base = config.get('otlp.endpoint') || (exporter === 'otlp' ? LOCAL : undefined);
  const url = own || (base && `${base.replace(/\/+$/, '')}/v1/${signal}`);
  return url && /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}
