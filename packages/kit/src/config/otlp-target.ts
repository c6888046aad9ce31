import { isInstalled } from '../base/optional.ts';
import type { Config } from './load.ts';

export type OtlpSignal = 'traces' | 'logs' | 'metrics';

/** Where one signal goes. */
export type OtlpTarget =
  | { readonly kind: 'http'; readonly url: string }
  | {
      readonly kind: 'grpc';
      /** `host:port`, an IPv6 host in brackets. */
      readonly address: string;
      readonly secure: boolean;
      /** `user:password` of the URL, decoded. */
      readonly login: string | undefined;
    };

export const GRPC_PACKAGE = '@grpc/grpc-js';

/** Where a signal goes without an endpoint, once its exporter is asked for. */
const LOCAL = { http: 'http://localhost:4318', grpc: 'http://localhost:4317' } as const;

/**
 * The target of one signal by the OpenTelemetry specification: over HTTP its own endpoint as it stands, or the
 * general one with `v1/SIGNAL` added; over gRPC host and port alone. `grpc://` (plain) and `grpcs://` (TLS) ask
 * for gRPC whatever the protocol says. Undefined where the signal is off or its endpoint can't be used.
 */
export function otlpTarget(config: Config, signal: OtlpSignal): OtlpTarget | undefined {
  const exporter = config.get(`otlp.${signal}Exporter`);
  if (exporter === 'none') return undefined;
  const protocol = config.get(`otlp.${signal}Protocol`) ?? config.get('otlp.protocol');
  const own = config.get(`otlp.${signal}Endpoint`);
  const base = config.get('otlp.endpoint');
  const local = exporter === 'otlp' ? LOCAL[protocol === 'grpc' ? 'grpc' : 'http'] : undefined;
  const endpoint = own || base || local;
  if (!endpoint) return undefined;
  if (protocol === 'grpc' || /^grpcs?:/i.test(endpoint)) {
    return grpcTarget(endpoint, config.get(`otlp.${signal}Insecure`) ?? config.get('otlp.insecure'));
  }
  const url = own ? endpoint : `${endpoint.replace(/\/+$/, '')}/v1/${signal}`;
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? { kind: 'http', url } : undefined;
}

/** `insecure` has a say only where the scheme leaves it open: `grpc://`, which is plain unless it is false, and no scheme. */
function grpcTarget(endpoint: string, insecure: boolean | undefined): OtlpTarget | undefined {
  const match = /^(?:([a-z]+):\/\/)?(?:([^/?#@]*)@)?(\[[^\]]+\]|[^/?#:]+)(?::(\d{1,5}))?(?:[/?#]|$)/i.exec(
    endpoint,
  );
  if (match === null) return undefined;
  const [, scheme = '', login, host, port] = match;
  const secure = SECURE[scheme.toLowerCase()] ?? insecure !== true;
  const open = scheme.toLowerCase() === 'grpc' && insecure !== false;
  return {
    kind: 'grpc',
    address: `${host}:${port ?? (scheme.toLowerCase() === 'https' ? 443 : 4317)}`,
    secure: secure && !open,
    login: login && decodeURIComponent(login),
  };
}

const SECURE: Readonly<Record<string, boolean>> = { http: false, https: true, grpcs: true };

/** The signals that ask for gRPC while the package that speaks it is not installed. */
export function missesGrpc(config: Config, signal: OtlpSignal): boolean {
  return otlpTarget(config, signal)?.kind === 'grpc' && !isInstalled(GRPC_PACKAGE);
}
