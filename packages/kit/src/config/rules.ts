import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigFinding } from './finding.ts';
import type { Config } from './load.ts';
import { nearest } from './nearest.ts';
import { OTLP_TLS } from './options/otlp-tls.ts';
import type { OptionRow } from './options/row.ts';
import { GRPC_PACKAGE, missesGrpc, otlpTarget } from './otlp-target.ts';
import { hasHost, isBareHost } from './parse.ts';
import type { Env, Report } from './sources.ts';

/** Connection strings that services of this kind have, checked when set; the value is never shown. */
const CONNECTIONS: readonly { name: string; schemes: readonly string[] }[] = [
  { name: 'REDIS_URL', schemes: ['redis', 'rediss'] },
  { name: 'POSTGRES_URL', schemes: ['postgres', 'postgresql'] },
  {
    name: 'DATABASE_URL',
    schemes: [
      'postgres',
      'postgresql',
      'mysql',
      'mariadb',
      'sqlserver',
      'cockroachdb',
      'libsql',
      'mongodb',
      'mongodb+srv',
    ],
  },
  { name: 'S3_URL', schemes: ['s3', 'http', 'https'] },
  { name: 'S3_ENDPOINT', schemes: ['http', 'https'] },
];

const TLS_FILES = OTLP_TLS.filter(row => row.type === 'string').map(row => row.key);

/** RFC 7518, section 3.2: an HMAC key is at least as long as its hash. */
const SECRET_BYTES = 32;

/** What no single value shows: rules between options, and the service's own connection strings. */
export function applyRules(config: Config, env: Env, report: Report): void {
  checkTracing(config, report);
  checkConnections(env, report);
  checkAccess(config, report);
}

function checkTracing(config: Config, { findings }: Report): void {
  if (config.get('otlp.disabled')) return;
  checkGrpc(config, findings);
  checkFiles(config, findings);
  const nowhere = !tracesToOtlp(config) && config.get('otlp.tracesExporter') === undefined;
  // An endpoint that was set but is bad has its own finding.
  const refused = findings.some(finding =>
    /OTLP_(TRACES_)?ENDPOINT$|otlp\.(tracesE|e)ndpoint$/.test(finding.field),
  );
  if (config.get('trace.enabled') === true && nowhere && !refused && !config.development) {
    findings.push({
      field: 'OTEL_EXPORTER_OTLP_ENDPOINT',
      code: 'missing_otlp_endpoint',
      message: 'Required variable is not set: tracing is on, with nowhere to send',
    });
  }
}

/** Each option that asks for gRPC in vain, and each endpoint without a scheme that gRPC does not read. */
function checkGrpc(config: Config, findings: ConfigFinding[]): void {
  const seen = new Set<string>();
  for (const signal of ['traces', 'metrics', 'logs'] as const) {
    const endpoint = config.get(`otlp.${signal}Endpoint`) ? `otlp.${signal}Endpoint` : 'otlp.endpoint';
    const protocol = config.get(`otlp.${signal}Protocol`) ? `otlp.${signal}Protocol` : 'otlp.protocol';
    const key = endpoint as 'otlp.endpoint';
    const given = config.get(key) ?? '';
    const asks = /^grpcs?:/i.test(given) ? key : (protocol as 'otlp.protocol');
    if (missesGrpc(config, signal) && !seen.has(asks)) {
      seen.add(asks);
      findings.push({
        field: config.field(asks),
        code: 'otlp_grpc_unavailable',
        message: `OTLP over gRPC needs the package ${GRPC_PACKAGE}. Install it, or use http/protobuf, as in http://host:4318`,
      });
    }
    if (isBareHost(given) && otlpTarget(config, signal)?.kind !== 'grpc' && !seen.has(key)) {
      if (config.get(`otlp.${signal}Exporter`) === 'none') continue;
      seen.add(key);
      findings.push({
        field: config.field(key),
        code: 'invalid_url',
        message:
          'Invalid URL. Expected: http(s)://host[:port]; host:port alone is for OTEL_EXPORTER_OTLP_PROTOCOL=grpc',
      });
    }
  }
}

/** TLS files are read once at the start: one that can't be read then would be an authority that nobody asked for. */
function checkFiles(config: Config, findings: ConfigFinding[]): void {
  for (const key of TLS_FILES) {
    const path = config.get(key);
    if (!path) continue;
    try {
      accessSync(resolve(config.base, path), constants.R_OK);
    } catch {
      findings.push({ field: config.field(key), code: 'unreadable_file', message: 'Cannot be read' });
    }
  }
}

function tracesToOtlp(config: Config): boolean {
  const exporter = config.get('otlp.tracesExporter');
  if (exporter !== undefined) return exporter === 'otlp';
  return (config.get('otlp.tracesEndpoint') ?? config.get('otlp.endpoint')) !== undefined;
}

/** Whether spans are made: as set, else in development or where they have somewhere to go. */
export function tracingOn(config: Config): boolean {
  const toOtlp = !config.get('otlp.disabled') && tracesToOtlp(config);
  return config.get('trace.enabled') ?? (config.development || toOtlp);
}

function checkConnections(env: Env, { findings }: Report): void {
  for (const { name, schemes } of CONNECTIONS) {
    const text = env[name]?.trim();
    if (!text || isConnection(name, text, schemes)) continue;
    findings.push({
      field: name,
      code: 'invalid_url',
      message: `Invalid URL. Expected: a host, and one of the schemes ${schemes.join(', ')}`,
    });
  }
  const secret = env['JWT_SECRET'];
  if (secret && Buffer.byteLength(secret) < SECRET_BYTES) {
    findings.push({
      field: 'JWT_SECRET',
      code: 'short_secret',
      message: `Must have at least ${SECRET_BYTES} bytes`,
    });
  }
}

function isConnection(name: string, text: string, schemes: readonly string[]): boolean {
  if (hasHost(text, schemes)) return true;
  if (name !== 'DATABASE_URL' && name !== 'POSTGRES_URL') return false;
  // Files of embedded databases have no host, and a socket's folder stands in the query.
  if (name === 'DATABASE_URL' && /^(file|sqlite):./i.test(text)) return true;
  if (/^postgres(ql)?:\/\/\/?[^?#]*\?([^#]*&)?host=./i.test(text)) return true;
  // Several hosts, which URL refuses: replica sets and PostgreSQL's fail-over lists.
  const scheme = /^([a-z+]+):\/\//i.exec(text)?.[1]?.toLowerCase() ?? '';
  return (
    schemes.includes(scheme) && /^[^/]+:\/\/([^/?#@]*@)?[\w.-]+(:\d+)?(,[\w.-]+(:\d+)?)+([/?]|$)/.test(text)
  );
}

function checkAccess(config: Config, { warnings }: Report): void {
  if (config.development || !config.get('ops.enabled')) return;
  if (config.get('ops.adminToken').length === 0) {
    warnings.push({
      field: 'OBS_ADMIN_TOKEN',
      code: 'admin_token_missing',
      message: 'Not set: routes that need it answer 403',
      advice: true,
    });
  }
  if (config.get('metrics.public')) {
    warnings.push({
      field: config.field('metrics.public'),
      code: 'metrics_public_ignored',
      message: 'Honoured in development only: /metrics still needs the admin token',
    });
  }
}

/** Warns of variables that look like a misspelt one of ours; others may well belong to someone else. */
export function checkSpelling(rows: Iterable<OptionRow>, env: Env, { warnings }: Report): void {
  const known = new Set<string>();
  for (const row of rows) {
    for (const name of row.env ?? []) {
      known.add(name);
      if (row.file) known.add(`${name}_FILE`);
    }
  }
  for (const name of Object.keys(env)) {
    if (!/^(OBS|OTEL_EXPORTER_OTLP)_/.test(name) || known.has(name) || !env[name]) continue;
    const meant = nearest(name, known);
    if (meant === undefined) continue;
    warnings.push({
      field: name,
      code: 'unknown_variable',
      message: `Unknown variable. Did you mean ${meant}?`,
    });
  }
}
