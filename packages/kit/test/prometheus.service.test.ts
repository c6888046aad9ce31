import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HTTP_DURATION, HTTP_REQUESTS } from '@plimsoll/wire';
import { systemClock } from '../src/base/clock.ts';
import type { Kit } from '../src/kernel/part.ts';
import { runtime } from '../src/parts/runtime/part.ts';
import { declare } from '../src/signals/metrics/declare.ts';
import { CONTENT_TYPES } from '../src/signals/metrics/exposition.ts';
import { negotiate } from '../src/signals/metrics/negotiate.ts';
import { createMetrics } from '../src/signals/metrics/registry.ts';
import type { Metrics } from '../src/signals/metrics/types.ts';

const HOW = 'apt install prometheus';
const WAIT_MS = 30_000;
const REF = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

test('a real Prometheus scrapes us, and its exemplars can be read', async t => {
  if (spawnSync('prometheus', ['--version']).status !== 0) {
    if (process.env['PLIMSOLL_TEST_REQUIRE'] === 'all') throw new Error(HOW);
    t.skip(HOW);
    return;
  }
  const clock = systemClock();
  const metrics = createMetrics({ clock, namespace: 'divan' });
  const stop = await runtime.setup({ clock, metrics } as Kit);
  t.after(() => stop?.());
  const formats = new Set<string>();
  const server = await serve(metrics, formats);
  t.after(() => server.close());
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-prometheus-'));
  const prometheus = await startPrometheus(folder, (server.address() as AddressInfo).port);
  t.after(async () => {
    await prometheus.stop();
    await rm(folder, { recursive: true, force: true });
  });

  declare(metrics, HTTP_REQUESTS).inc({ route: '/a "q" \\ \n \0 é😀', method: 'GET', status: 200 }, 42);
  declare(metrics, HTTP_DURATION).handle({ route: '/a', method: 'GET' }).observe(0.03, REF);

  assert.equal(await prometheus.value('up'), '1');
  assert.deepEqual([...formats], ['openmetrics']);
  assert.equal(
    await prometheus.value('divan_http_requests_total{route="/a \\"q\\" \\\\ \\n \\u0000 é😀"}'),
    '42',
  );
  assert.equal(await prometheus.value('divan_http_request_duration_seconds_bucket{le="0.05"}'), '1');
  assert.equal(await prometheus.value('divan_http_request_duration_seconds_bucket{le="0.025"}'), '0');
  assert.equal(await prometheus.value('count(nodejs_version_info)'), '1');
  const exemplars = await prometheus.exemplars('divan_http_request_duration_seconds_bucket');
  assert.deepEqual(exemplars[0]?.labels, { trace_id: REF.traceId, span_id: REF.spanId });
  assert.equal(exemplars[0]?.value, '0.03');
});

async function serve(metrics: Metrics, formats: Set<string>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const format = negotiate(request.headers.accept);
    formats.add(format);
    response.writeHead(200, { 'content-type': CONTENT_TYPES[format] }).end(await metrics.expose(format));
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  return server;
}

interface PrometheusServer {
  /** Waits until the query has a result, and gives the first value. */
  value(query: string): Promise<string>;
  exemplars(query: string): Promise<readonly { labels: Record<string, string>; value: string }[]>;
  stop(): Promise<void>;
}

async function startPrometheus(folder: string, target: number): Promise<PrometheusServer> {
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    `global: { scrape_interval: 200ms, scrape_timeout: 200ms }
scrape_configs: [{ job_name: divan, static_configs: [{ targets: ['127.0.0.1:${target}'] }] }]\n`,
  );
  const port = await freePort();
  const child = spawn('prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
    '--log.level=error',
  ]);
  const api = `http://127.0.0.1:${port}/api/v1`;
  return {
    value: query =>
      eventually(query, async () => {
        const { data } = await get<{ data: { result: { value: [number, string] }[] } }>(
          `${api}/query?query=${encodeURIComponent(query)}`,
        );
        const value = data.result[0]?.value[1];
        return query === 'up' && value === '0' ? undefined : value;
      }),
    exemplars: query =>
      eventually(query, async () => {
        const range = `start=${Date.now() / 1000 - 300}&end=${Date.now() / 1000 + 300}`;
        const { data } = await get<{
          data: { exemplars: { labels: Record<string, string>; value: string }[] }[];
        }>(`${api}/query_exemplars?query=${encodeURIComponent(query)}&${range}`);
        return data[0]?.exemplars;
      }),
    stop: () => ended(child),
  };
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url);
  const body = await response.text();
  if (!response.ok) throw new Error(body);
  return JSON.parse(body);
}

async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(100)) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`no answer to ${what}`, { cause: last });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise(done => child.once('exit', done));
  child.kill('SIGTERM');
  await exit;
}

async function freePort(): Promise<number> {
  const probe = createSocket();
  await new Promise<void>(done => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise(done => probe.close(done));
  return port;
}
