import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { MetricFamily } from '@plimsoll/wire';
import { loadConfig } from '../../../src/config/load.ts';
import type { InitOptions } from '../../../src/config/options/table.ts';
import { type OtlpSignal, type OtlpTarget, otlpTarget } from '../../../src/config/otlp-target.ts';
import { wanted } from '../../../src/parts/otlp/gate.ts';
import { slices } from '../../../src/parts/otlp/metric-exporter.ts';
import { VERSION } from '../../../src/parts/otlp/resource.ts';

const configOf = (otlp: InitOptions['otlp'] & object) =>
  loadConfig({ code: { env: 'production', otlp }, env: {}, argv1: undefined });

function urlOf(otlp: InitOptions['otlp'] & object, signal: OtlpSignal = 'traces'): string | undefined {
  const target = otlpTarget(configOf(otlp), signal);
  return target?.kind === 'http' ? target.url : undefined;
}

describe('where a signal goes', () => {
  for (const [endpoint, url] of [
    ['http://collector:4318', 'http://collector:4318/v1/traces'],
    ['http://collector:4318/', 'http://collector:4318/v1/traces'],
    ['https://otlp.example/in/here', 'https://otlp.example/in/here/v1/traces'],
  ] as const) {
    it(`${endpoint} gets v1/traces added`, () => assert.equal(urlOf({ endpoint }), url));
  }

  it("a signal's own endpoint is taken as it stands", () => {
    const both = { endpoint: 'http://all:4318', tracesEndpoint: 'http://traces:9/exact' };
    assert.equal(urlOf(both, 'traces'), 'http://traces:9/exact');
    assert.equal(urlOf(both, 'logs'), 'http://all:4318/v1/logs');
  });

  it('an exporter without an endpoint means the local collector', () => {
    assert.equal(urlOf({ tracesExporter: 'otlp' }), 'http://localhost:4318/v1/traces');
    assert.deepEqual(
      otlpTarget(configOf({ tracesExporter: 'otlp', protocol: 'grpc' }), 'traces'),
      plain('localhost:4317'),
    );
  });
});

const plain = (address: string): OtlpTarget => ({ kind: 'grpc', address, secure: false, login: undefined });
const secure = (address: string): OtlpTarget => ({ ...plain(address), secure: true }) as OtlpTarget;

describe('where a signal goes over gRPC', () => {
  const grpc = { protocol: 'grpc' } as const;
  for (const [what, options, target] of [
    ['grpc:// is plain', { endpoint: 'grpc://otel-collector:4317' }, plain('otel-collector:4317')],
    ['grpc:// is TLS where insecure is false', { endpoint: 'grpc://c:9', insecure: false }, secure('c:9')],
    ['grpcs:// is TLS', { endpoint: 'grpcs://c', insecure: true }, secure('c:4317')],
    ['http is plain', { ...grpc, endpoint: 'http://c:4317/ignored', insecure: false }, plain('c:4317')],
    ['https is TLS', { ...grpc, endpoint: 'https://c', insecure: true }, secure('c:443')],
    ['no scheme is TLS', { ...grpc, endpoint: 'c:4317' }, secure('c:4317')],
    [
      'no scheme is plain where insecure is true',
      { ...grpc, endpoint: 'c:4317', insecure: true },
      plain('c:4317'),
    ],
    ['IPv6 keeps its brackets', { endpoint: 'grpc://[::1]:4317' }, plain('[::1]:4317')],
    ['the port is 4317 unless it says so', { endpoint: 'grpc://collector' }, plain('collector:4317')],
  ] as const) {
    it(what, () => assert.deepEqual(otlpTarget(configOf(options), 'traces'), target));
  }

  it('one signal may go another way than the others', () => {
    const config = configOf({
      ...{ endpoint: 'http://all:4318', tracesEndpoint: 'traces:4317', tracesProtocol: 'grpc' },
      tracesInsecure: true,
    });
    assert.deepEqual(otlpTarget(config, 'traces'), plain('traces:4317'));
    assert.deepEqual(otlpTarget(config, 'logs'), { kind: 'http', url: 'http://all:4318/v1/logs' });
  });

  it('a login is taken out of the address', () => {
    const target = otlpTarget(configOf({ endpoint: 'grpcs://me:ge%20heim@c:1' }), 'logs');
    assert.deepEqual(target, { ...secure('c:1'), login: 'me:ge heim' });
  });
});

describe('which signals leave', () => {
  it('none without an endpoint or an exporter, or with OTLP disabled', () => {
    assert.equal(wanted(configOf({})), undefined);
    assert.equal(wanted(configOf({ endpoint: 'http://c:4318', disabled: true })), undefined);
  });

  it('all of them with an endpoint, but those whose exporter is none', () => {
    assert.deepEqual(wanted(configOf({ endpoint: 'http://c:4318' })), {
      traces: true,
      logs: true,
      metrics: true,
    });
    assert.deepEqual(wanted(configOf({ endpoint: 'http://c:4318', logsExporter: 'none' })), {
      traces: true,
      logs: false,
      metrics: true,
    });
  });
});

it('a large snapshot is cut into requests that lose and repeat nothing', () => {
  const family = (name: string, count: number): MetricFamily => ({
    name,
    help: name,
    type: 'counter',
    labelNames: ['n'],
    startTime: 0,
    points: Array.from({ length: count }, (_, n) => ({ labels: [String(n)], value: n })),
  });
  const all = [family('a', 3), family('b', 25), family('none', 0), family('c', 2)];
  const cut = [...slices(all, 10)];
  assert.deepEqual(
    cut.map(({ points }) => points),
    [10, 10, 10],
  );
  const seen = cut.flatMap(({ families }) =>
    families.flatMap(({ name, points }) => points.map(point => `${name} ${point.labels[0]}`)),
  );
  const all30 = all.flatMap(({ name, points }) => points.map(point => `${name} ${point.labels[0]}`));
  assert.deepEqual(seen, all30);
});

it('the version that is sent is that of the package', () => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  assert.equal(VERSION, (JSON.parse(text) as { version: string }).version);
});
