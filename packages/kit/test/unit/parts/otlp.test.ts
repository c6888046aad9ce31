import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { MetricFamily } from '@plimsoll/wire';
import { loadConfig } from '../../../src/config/load.ts';
import type { InitOptions } from '../../../src/config/options/table.ts';
import { endpointOf, wanted } from '../../../src/parts/otlp/gate.ts';
import { slices } from '../../../src/parts/otlp/metric-exporter.ts';
import { VERSION } from '../../../src/parts/otlp/resource.ts';

const configOf = (otlp: InitOptions['otlp'] & object) =>
  loadConfig({ code: { env: 'production', otlp }, env: {}, argv1: undefined });

describe('where a signal goes', () => {
  for (const [endpoint, url] of [
    ['http://collector:4318', 'http://collector:4318/v1/traces'],
    ['http://collector:4318/', 'http://collector:4318/v1/traces'],
    ['https://otlp.example/in/here', 'https://otlp.example/in/here/v1/traces'],
  ] as const) {
    it(`${endpoint} gets v1/traces added`, () =>
      assert.equal(endpointOf(configOf({ endpoint }), 'traces'), url));
  }

  it("a signal's own endpoint is taken as it stands", () => {
    const config = configOf({ endpoint: 'http://all:4318', tracesEndpoint: 'http://traces:9/exact' });
    assert.equal(endpointOf(config, 'traces'), 'http://traces:9/exact');
    assert.equal(endpointOf(config, 'logs'), 'http://all:4318/v1/logs');
  });

  it('an exporter without an endpoint means the local collector', () => {
    assert.equal(
      endpointOf(configOf({ tracesExporter: 'otlp' }), 'traces'),
      'http://localhost:4318/v1/traces',
    );
  });
});

describe('which signals leave', () => {
  it('none without an endpoint or an exporter, with OTLP disabled, or over gRPC', () => {
    assert.equal(wanted(configOf({})), undefined);
    assert.equal(wanted(configOf({ endpoint: 'http://c:4318', disabled: true })), undefined);
    assert.equal(wanted(configOf({ endpoint: 'http://c:4318', protocol: 'grpc' })), undefined);
    assert.equal(wanted(configOf({ endpoint: 'grpc://c:4317' })), undefined);
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
