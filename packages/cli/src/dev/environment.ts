type Env = Readonly<Record<string, string | undefined>>;

/** Each says where a service runs; in the order in which Plimsoll reads them. */
const ENVIRONMENT = ['OBS_ENV', 'ENV', 'APP_ENV', 'ENVIRONMENT', 'NODE_ENV'];
/** Endpoints, headers and certificates of another collector: none of them may take a signal past the console. */
const ELSEWHERE = /^OTEL_EXPORTER_OTLP_.*(?:ENDPOINT|PROTOCOL|HEADERS|CERTIFICATE|CLIENT_KEY|INSECURE)$/;

/** Where an app's signals go. */
export interface Collector {
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
  /** Where an app of ours says where its ops API is, and with which token. */
  readonly announceUrl: string;
  /** Where the app's ops API will be, where it does not say so itself. */
  readonly url?: string | undefined;
}

/**
 * The variables for an app whose signals go to the console: its own, less where OTLP went before,
 * and development unless something says where it runs.
 */
export function appEnvironment(
  env: Env,
  { otlpHttp, otlpGrpc, announceUrl, url }: Collector,
): NodeJS.ProcessEnv {
  const result: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(env)) {
    if (!ELSEWHERE.test(name)) result[name] = value;
  }
  // An app that was told gRPC may have no other exporter; all else must be told HTTP, since SDKs differ in their default.
  const grpc = env['OTEL_EXPORTER_OTLP_PROTOCOL'] === 'grpc';
  result['OTEL_EXPORTER_OTLP_ENDPOINT'] = grpc ? otlpGrpc : otlpHttp;
  result['OTEL_EXPORTER_OTLP_PROTOCOL'] = grpc ? 'grpc' : 'http/protobuf';
  result['OBS_OPS_ANNOUNCE'] = announceUrl;
  // The specification's minute between two exports is too long for someone who watches.
  result['OTEL_METRIC_EXPORT_INTERVAL'] = env['OTEL_METRIC_EXPORT_INTERVAL'] || '5000';
  const resource = env['OTEL_RESOURCE_ATTRIBUTES'];
  if (url)
    result['OTEL_RESOURCE_ATTRIBUTES'] =
      `${resource ? `${resource},` : ''}plimsoll.ops.url=${url.replaceAll(/[,;=%]/g, encodeURIComponent)}`;
  const told = ENVIRONMENT.some(name => env[name]) || namesEnvironment(resource);
  if (!told) result['OBS_ENV'] = 'development';
  return result;
}

const namesEnvironment = (attributes = ''): boolean =>
  /(?:^|,)\s*deployment\.environment(?:\.name)?\s*=/.test(attributes);
