import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../src/config/load.ts';
import { tracingOn } from '../src/config/rules.ts';

type Env = Record<string, string>;
const found = (env: Env) => loadConfig({ env }).findings.map(({ field, code }) => `${field} ${code}`);
const warned = (env: Env) => loadConfig({ env }).warnings.map(({ field, code }) => `${field} ${code}`);
const MISSING = ['OTEL_EXPORTER_OTLP_ENDPOINT missing_otlp_endpoint'];

test('a boolean is true, false, 1, 0, yes or no in any case; unset is fine, all else is refused', () => {
  for (const word of ['true', 'FALSE', '1', '0', 'no', 'Yes', '']) {
    assert.deepEqual(found({ TELEMETRY_ENABLED: word }), [], word);
  }
  for (const word of ['maybe', ' ', '2', 'on', 'tru', '\u001b[2J']) {
    const { findings, ...config } = loadConfig({ env: { TELEMETRY_ENABLED: word } });
    assert.equal(findings.length, 1, word);
    assert.equal(findings[0]!.field, 'TELEMETRY_ENABLED');
    assert.match(
      findings[0]!.message,
      /^Invalid boolean value '\P{Cc}*'\. Expected: true\/false, 1\/0, yes\/no$/u,
    );
    assert.equal(config.development, false);
  }
});

test('an unknown telemetry backend is a warning, and the facade does nothing', () => {
  assert.deepEqual(found({ TELEMETRY_BACKEND: 'carrier-pigeon' }), []);
  assert.ok(warned({ TELEMETRY_BACKEND: 'carrier-pigeon' }).includes('TELEMETRY_BACKEND invalid_value'));
  assert.equal(loadConfig({ env: { TELEMETRY_BACKEND: 'carrier-pigeon' } }).get('telemetry.backend'), 'noop');
  assert.equal(loadConfig({ env: { TELEMETRY_BACKEND: 'Hybrid' } }).get('telemetry.backend'), 'hybrid');
});

test('a sampling rate is a number from 0 to 1', () => {
  for (const rate of ['0', '1', '0.5', '.5', '1e-3'])
    assert.deepEqual(found({ LOG_SAMPLING_RATE_INFO: rate }), []);
  assert.deepEqual(found({ LOG_SAMPLING_RATE_INFO: '-0.1' }), ['LOG_SAMPLING_RATE_INFO below_minimum']);
  assert.deepEqual(found({ OTEL_TRACES_SAMPLER_ARG: '1.01' }), ['OTEL_TRACES_SAMPLER_ARG above_maximum']);
  for (const rate of ['ten', '0x1', 'NaN', 'Infinity', ' ', '1,0']) {
    assert.deepEqual(
      found({ LOG_SAMPLING_RATE_INFO: rate }),
      ['LOG_SAMPLING_RATE_INFO invalid_number'],
      rate,
    );
  }
});

test('tracing that was asked for needs somewhere to send, outside development', () => {
  const on = { OBS_TRACING_ENABLED: 'true' };
  assert.deepEqual(found(on), MISSING);
  assert.deepEqual(found({ ...on, OBS_ENV: 'staging' }), MISSING);
  assert.deepEqual(found({ ...on, OBS_ENV: 'development' }), []);
  assert.deepEqual(found({ ...on, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }), []);
  assert.deepEqual(found({ ...on, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces' }), []);
  assert.deepEqual(found({ ...on, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://c:4318/v1/logs' }), MISSING);
  assert.deepEqual(found({ ...on, OTEL_TRACES_EXPORTER: 'otlp' }), []);
  assert.deepEqual(found({ ...on, OTEL_TRACES_EXPORTER: 'none' }), []);
  assert.deepEqual(found({ ...on, OTEL_SDK_DISABLED: 'true' }), []);
  assert.deepEqual(found({}), []);
});

test('spans are made as asked; unasked, in development or where they have somewhere to go', () => {
  const on = (env: Env) => tracingOn(loadConfig({ env }));
  assert.equal(on({}), false);
  assert.equal(on({ OBS_ENV: 'dev' }), true);
  assert.equal(on({ OBS_ENV: 'dev', OBS_TRACING_ENABLED: 'false' }), false);
  assert.equal(on({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }), true);
  assert.equal(on({ OTEL_TRACES_EXPORTER: 'otlp' }), true);
  assert.equal(on({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' }), false);
  assert.equal(on({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' }), false);
});

test('gRPC is fine where the package that speaks it is installed', () => {
  const name = 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const protocol = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  assert.deepEqual(found({ OBS_TRACING_ENABLED: 'true', [name]: 'grpc://otel-collector:4317' }), []);
  assert.deepEqual(found({ [name]: 'http://c:4317', ...protocol }), []);
  assert.deepEqual(found({ [name]: 'c:4317', ...protocol }), []);
  assert.deepEqual(found(protocol), []);
});

test('a TLS file that is not there is a finding', () => {
  const tls = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c:4318',
    OTEL_EXPORTER_OTLP_CERTIFICATE: 'no/such.pem',
  };
  assert.deepEqual(found(tls), ['OTEL_EXPORTER_OTLP_CERTIFICATE unreadable_file']);
  assert.deepEqual(found({ ...tls, OTEL_SDK_DISABLED: 'true' }), []);
});

test('an endpoint needs a scheme, a host and a port in range', () => {
  for (const bad of ['collector', 'collector:4318', 'http://', 'ftp://c', 'http://c:99999', ' ', 'http:c']) {
    const codes = found({ OBS_TRACING_ENABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: bad });
    assert.deepEqual(codes, ['OTEL_EXPORTER_OTLP_ENDPOINT invalid_url'], bad);
  }
});

test('connection strings have a known scheme and a host, where they are set', () => {
  const good = [
    ['REDIS_URL', 'redis://localhost:6379/0'],
    ['REDIS_URL', 'rediss://:pw@cache.example'],
    ['POSTGRES_URL', 'postgresql://u:p@db:5432/x?sslmode=require'],
    ['DATABASE_URL', 'postgres:///x?host=/var/run/postgresql'],
    ['DATABASE_URL', 'mongodb://u:p@a:27017,b:27018/x'],
    ['DATABASE_URL', 'file:./dev.db'],
    ['S3_ENDPOINT', 'https://s3.example'],
    ['REDIS_URL', ''],
  ] as const;
  for (const [name, url] of good) assert.deepEqual(found({ [name]: url }), [], url);
  const bad = [
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'http://MARK@localhost'],
    ['POSTGRES_URL', 'mysql://db/x'],
    ['POSTGRES_URL', 'postgres://'],
    ['DATABASE_URL', 'postgres//u:MARK@db'],
    ['S3_URL', 'bucket'],
  ] as const;
  for (const [name, url] of bad) {
    const { findings } = loadConfig({ env: { [name]: url } });
    assert.deepEqual(
      findings.map(({ field, code }) => [field, code]),
      [[name, 'invalid_url']],
      url,
    );
    assert.doesNotMatch(JSON.stringify(findings), /MARK/);
  }
});

test('a JWT secret has at least 32 bytes, counted as bytes, and is never echoed', () => {
  assert.deepEqual(found({ JWT_SECRET: 'x'.repeat(31) }), ['JWT_SECRET short_secret']);
  assert.deepEqual(found({ JWT_SECRET: 'x'.repeat(32) }), []);
  assert.deepEqual(found({ JWT_SECRET: 'é'.repeat(16) }), []);
  assert.doesNotMatch(JSON.stringify(loadConfig({ env: { JWT_SECRET: 'SHORT' } }).findings), /SHORT/);
});

test('all findings are reported, not the first alone', () => {
  assert.deepEqual(
    found({
      OBS_ENABLED: 'x',
      LOG_LEVEL: 'x',
      OBS_OPS_PORT: '70000',
      JWT_SECRET: 'x',
      OBS_TRACING_ENABLED: '1',
    }),
    [
      'OBS_ENABLED invalid_boolean',
      'LOG_LEVEL invalid_value',
      'OBS_OPS_PORT above_maximum',
      ...MISSING,
      'JWT_SECRET short_secret',
    ],
  );
});

test('a missing admin token outside development is a warning and never a finding', () => {
  assert.deepEqual(warned({}), ['OBS_ADMIN_TOKEN admin_token_missing']);
  assert.deepEqual(found({}), []);
  assert.deepEqual(warned({ OBS_ENV: 'dev' }), []);
  assert.deepEqual(warned({ OBS_ADMIN_TOKEN: 'x' }), []);
  assert.deepEqual(warned({ OBS_ADMIN_TOKEN: 'x', OBS_METRICS_PUBLIC: 'true' }), [
    'OBS_METRICS_PUBLIC metrics_public_ignored',
  ]);
});
