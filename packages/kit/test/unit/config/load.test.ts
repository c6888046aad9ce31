// Long because it is one list of cases over one loader.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import { folder, write } from './fixture.ts';

const FILE = 'config/plimsoll.json';

test('code beats the environment, which beats files, which beat defaults', t => {
  const root = folder(t, { [FILE]: { obs: { log: { level: 'error', fileKeep: 7, format: 'event' } } } });
  const config = loadConfig({
    code: { runtimeRoot: root, log: { level: 'debug' } },
    env: { LOG_LEVEL: 'WARN', OBS_LOG_FORMAT: 'service' },
  });
  assert.equal(config.get('log.level'), 'debug');
  assert.deepEqual(config.source('log.level'), { kind: 'code' });
  assert.equal(config.get('log.format'), 'service');
  assert.deepEqual(config.source('log.format'), { kind: 'env', name: 'OBS_LOG_FORMAT' });
  assert.equal(config.get('log.fileKeep'), 7);
  assert.deepEqual(config.source('log.fileKeep'), { kind: 'file', name: FILE });
  assert.equal(config.get('log.samplingRateInfo'), 0.1);
  assert.deepEqual(config.source('log.samplingRateInfo'), { kind: 'default' });
  assert.deepEqual(config.findings, []);
});

test('of several files the last wins, option by option, and other blocks are nobody’s business', t => {
  const root = folder(t, {
    'a.json': { obs: { service: 'a', namespace: 'a' }, telemetry: { dry_run: true }, server: 7 },
    'b.json': '\ufeff{"obs":{"service":"b"}}',
  });
  const config = loadConfig({ code: { runtimeRoot: root, configFiles: ['a.json', 'b.json'] }, env: {} });
  assert.equal(config.get('service'), 'b');
  assert.equal(config.get('namespace'), 'a');
  assert.deepEqual(
    [config.findings, config.warnings.filter(w => w.code !== 'admin_token_missing')],
    [[], []],
  );
});

test('without a runtime root, files count from the nearest package.json above the script', t => {
  const root = folder(t, {
    'package.json': {},
    [FILE]: { obs: { service: 'found' } },
    'src/deep/main.js': '',
  });
  const config = loadConfig({ env: {}, argv1: join(root, 'src/deep/main.js') });
  assert.equal(config.get('service'), 'found');
  assert.equal(config.get('runtimeRoot'), undefined);
  const tool = join(root, 'node_modules/starter/cli.js');
  write(tool, '');
  write(join(root, 'node_modules/starter/package.json'), {});
  assert.equal(loadConfig({ env: {}, argv1: tool }).get('service'), 'found');
  assert.equal(loadConfig({ env: {}, argv1: join(root, 'src/no-such-file.js') }).get('service'), 'found');
});

test('a file that was read by the gate is not read again', t => {
  const root = folder(t, { [FILE]: { obs: { service: 'on-disk' } } });
  const preread = [{ path: join(root, FILE), text: '{"obs":{"service":"handed-in"}}', stamp: 'x' }];
  assert.equal(loadConfig({ code: { runtimeRoot: root }, env: {}, preread }).get('service'), 'handed-in');
});

test('a mistake in code is thrown with a code, and an unknown option with the nearest name', () => {
  const bad = (code: object, message: RegExp, name = 'PLIMSOLL_BAD_OPTION') =>
    assert.throws(() => loadConfig({ code, env: {} }), { code: name, message });
  bad({ log: { level: 'loud' } }, /log\.level: Invalid value 'loud'\. Must be one of: trace, debug/);
  bad({ log: 'debug' }, /log: Expected: an object/);
  bad({ enabled: 'yes' }, /enabled: Expected: true or false/);
  bad({ trace: { ratio: 2 } }, /trace\.ratio: Value 2 exceeds maximum 1/);
  bad({ trace: { ratio: Number.NaN } }, /trace\.ratio/);
  bad({ ops: { port: 80.5 } }, /ops\.port/);
  bad({ ops: { adminToken: [1] } }, /ops\.adminToken/);
  bad({ resource: { a: {} } }, /resource/);
  bad({ service: null }, /service/);
  bad({ log: { levle: 'debug' } }, /log\.levle, did you mean log\.level/, 'PLIMSOLL_UNKNOWN_OPTION');
  bad({ metric: {} }, /metric, did you mean metrics/, 'PLIMSOLL_UNKNOWN_OPTION');
  bad(JSON.parse('{"__proto__": {"enabled": false}}'), /__proto__/, 'PLIMSOLL_UNKNOWN_OPTION');
});

test('undefined in code is as good as absent, and an empty variable as good as unset', () => {
  const config = loadConfig({
    code: { service: undefined, log: { level: undefined } },
    env: { LOG_LEVEL: '' },
  });
  assert.equal(config.get('service'), 'unknown_service');
  assert.equal(config.get('log.level'), 'info');
});

test('a bad variable gives its option the default and one finding, whatever a file says', t => {
  const root = folder(t, { [FILE]: { obs: { log: { samplingRateInfo: 0.5 } } } });
  const config = loadConfig({ code: { runtimeRoot: root }, env: { LOG_SAMPLING_RATE_INFO: '1.5' } });
  assert.equal(config.get('log.samplingRateInfo'), 0.1);
  assert.deepEqual(config.findings, [
    { field: 'LOG_SAMPLING_RATE_INFO', code: 'above_maximum', message: 'Value 1.5 exceeds maximum 1' },
  ]);
});

test('what a file gets wrong is a finding that names the option and the file', t => {
  const obs = {
    lgo: {},
    service: 7,
    log: { level: 'loud' },
    trace: true,
    runtimeRoot: '/tmp',
    metrics: { public: 'true' },
  };
  const root = folder(t, { [FILE]: { obs } });
  const { findings, ...config } = loadConfig({ code: { runtimeRoot: root }, env: {} });
  assert.deepEqual(findings.map(({ field, code }) => `${field} ${code}`).sort(), [
    'obs.lgo unknown_option',
    'obs.log.level invalid_value',
    'obs.metrics.public invalid_type',
    'obs.runtimeRoot not_in_file',
    'obs.service invalid_type',
    'obs.trace invalid_type',
  ]);
  assert.match(
    findings.find(finding => finding.code === 'unknown_option')!.message,
    /mean log\? \(config\/plimsoll/,
  );
  assert.equal(config.base, root);
});

test('a corrupt file is a finding, and everything else still counts', t => {
  for (const text of ['{"obs": {', '[1]', 'null', '']) {
    const root = folder(t, { [FILE]: text });
    const config = loadConfig({ code: { runtimeRoot: root }, env: { SERVICE_NAME: 'shop' } });
    assert.deepEqual(
      config.findings.map(({ field, code }) => [field, code]),
      [[FILE, 'config_file_corrupt']],
      text,
    );
    assert.equal(config.get('service'), 'shop');
  }
});

test('a missing file is fine unless it was asked for; then it is a warning', t => {
  const root = folder(t);
  const missing = (env: Record<string, string>) =>
    loadConfig({ code: { runtimeRoot: root }, env }).warnings.filter(w => w.code === 'config_file_missing');
  assert.deepEqual(missing({}), []);
  assert.equal(missing({ OBS_CONFIG_FILES: 'no.json' })[0]?.field, 'no.json');
  mkdirSync(join(root, 'folder.json'));
  assert.equal(missing({ OBS_CONFIG_FILES: 'folder.json' }).length, 1);
});

test('failFast throws what would be findings, and a tool can ask it not to', () => {
  const env = { OBS_FAIL_FAST: 'true', TELEMETRY_ENABLED: 'maybe' };
  assert.throws(() => loadConfig({ env }), {
    code: 'PLIMSOLL_BAD_CONFIG',
    message: /TELEMETRY_ENABLED: Invalid/,
  });
  assert.equal(loadConfig({ env, mayThrow: false }).findings.length, 1);
  assert.doesNotThrow(() => loadConfig({ env: { OBS_FAIL_FAST: 'true' } }));
});

test('a secret is read from its variable or from the file that _FILE names, and never shown', t => {
  const root = folder(t, { token: 'first-token,second-token\n' });
  const code = { runtimeRoot: root };
  const config = loadConfig({ code, env: { OBS_ADMIN_TOKEN_FILE: 'token' } });
  assert.deepEqual(config.get('ops.adminToken'), ['first-token', 'second-token']);
  assert.deepEqual(config.source('ops.adminToken'), { kind: 'env', name: 'OBS_ADMIN_TOKEN_FILE' });
  assert.deepEqual(loadConfig({ code: { ops: { adminToken: 'a, b' } }, env: {} }).get('ops.adminToken'), [
    'a',
    'b',
  ]);
  const both = loadConfig({ code, env: { OBS_ADMIN_TOKEN: 'direct', OBS_ADMIN_TOKEN_FILE: 'token' } });
  assert.deepEqual(both.get('ops.adminToken'), ['direct']);
  const none = loadConfig({ code, env: { OBS_ADMIN_TOKEN_FILE: 'no-such-file' } });
  assert.deepEqual(none.findings[0]?.code, 'unreadable_file');

  const secrets = loadConfig({
    env: {
      OBS_ADMIN_TOKEN: 'MARK-1',
      OBS_HASH_KEY: 'MARK-2',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=MARK-3',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:MARK-4@collector:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'user:MARK-5@collector',
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'MARK-6',
    },
  });
  assert.doesNotMatch(JSON.stringify([secrets.entries(), secrets.findings, secrets.warnings]), /MARK/);
  assert.equal(secrets.entries().find(entry => entry.key === 'ops.adminToken')?.value, '[set]');
  assert.deepEqual(
    secrets.findings.map(finding => finding.code),
    ['invalid_url', 'invalid_map', 'invalid_key'],
  );
});

test('resource attributes and headers are percent-decoded and merged over all places', t => {
  const root = folder(t, { [FILE]: { obs: { resource: { a: 'file', b: 'file', n: 7 } } } });
  const config = loadConfig({
    code: { runtimeRoot: root, resource: { a: 'code' } },
    env: { OTEL_RESOURCE_ATTRIBUTES: 'a=env,c=d%2Ce , f=', OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%3Db' },
  });
  assert.deepEqual(config.get('resource'), { n: '7', b: 'file', a: 'code', c: 'd,e', f: '' });
  assert.deepEqual(config.get('otlp.headers'), { 'x-key': 'a=b' });
  assert.ok(Object.isFrozen(config.get('resource')));
});

test('the environment is found by our names, then the resource, then NODE_ENV, else it is production', () => {
  const name = (env: Record<string, string>) => {
    const config = loadConfig({ env });
    return [config.get('env'), config.development];
  };
  assert.deepEqual(name({}), ['production', false]);
  assert.deepEqual(name({ NODE_ENV: 'test' }), ['test', true]);
  const OTEL_RESOURCE_ATTRIBUTES = 'deployment.environment.name=staging';
  assert.deepEqual(name({ NODE_ENV: 'test', OTEL_RESOURCE_ATTRIBUTES }), ['staging', false]);
  assert.deepEqual(name({ ENVIRONMENT: 'Dev', OTEL_RESOURCE_ATTRIBUTES }), ['Dev', true]);
  assert.deepEqual(name({ APP_ENV: 'local', ENVIRONMENT: 'prod' }), ['local', true]);
  assert.deepEqual(name({ OBS_ENV: 'prod', ENV: 'development' }), ['prod', false]);
  assert.deepEqual(name({ OBS_ENV: 'developer' }), ['developer', false]);
});

test('the field’s names are honoured: service, commit, samplers and exporters', () => {
  const get = (env: Record<string, string>) => loadConfig({ env });
  assert.equal(get({ OTEL_SERVICE_NAME: 'a', SERVICE_NAME: 'b' }).get('service'), 'a');
  assert.equal(get({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=c' }).get('service'), 'c');
  const commit = get({ COMMIT_SHA: 'abc', SOURCE_VERSION: 'def' });
  assert.deepEqual([commit.get('commit'), commit.get('version')], ['abc', 'abc']);
  assert.equal(get({ LOG_LEVEL: 'WARNING' }).get('log.level'), 'warn');
  assert.equal(get({ OTEL_METRICS_EXPORTER: 'prometheus' }).get('otlp.metricsExporter'), 'none');
  assert.equal(get({ OTEL_SDK_DISABLED: 'true' }).get('otlp.disabled'), true);
  assert.equal(get({ OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '50' }).get('otlp.logsTimeoutMs'), 50);

  const ratio = (env: Record<string, string>) => get(env).get('trace.ratio');
  assert.equal(ratio({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }), 0.25);
  assert.equal(ratio({ OTEL_TRACES_SAMPLER: 'parentbased_always_off', OTEL_TRACES_SAMPLER_ARG: '0.25' }), 0);
  assert.equal(ratio({ OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: '0.25' }), 1);
  assert.equal(ratio({ OTEL_TRACES_SAMPLER: 'always_off', OBS_TRACE_RATIO: '0.5' }), 0.5);
});

test('a misspelt variable of ours is a warning with the right name; those of others are left alone', () => {
  const { warnings } = loadConfig({
    env: { OBS_ENV: 'dev', OBS_METRIC_PUBLIC: 'true', OBS_STUDIO_SCENE_COLLECTION: 'x', PATH: '/bin' },
  });
  assert.deepEqual(
    warnings.map(({ field, message }) => [field, message]),
    [['OBS_METRIC_PUBLIC', 'Unknown variable. Did you mean OBS_METRICS_PUBLIC?']],
  );
});

test('rows of a part that others write are read like ours', () => {
  const rows = [
    { key: 'shop.carts', env: ['SHOP_CARTS'], type: 'integer', default: 3, doc: 'Carts at most' },
  ] as const;
  assert.equal(loadConfig({ env: { SHOP_CARTS: '9' }, rows }).value('shop.carts'), 9);
  assert.equal(loadConfig({ env: { SHOP_CARTS: '9' } }).value('shop.carts'), undefined);
});
