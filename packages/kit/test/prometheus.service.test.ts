import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { HTTP_DURATION, HTTP_REQUESTS } from '@plimsoll/wire';
import { hasPrometheus, startPrometheus } from '../../../test/support/prometheus.ts';
import { systemClock } from '../src/base/clock.ts';
import type { Kit } from '../src/kernel/part.ts';
import { runtime } from '../src/parts/runtime/part.ts';
import { declare } from '../src/signals/metrics/declare.ts';
import { CONTENT_TYPES } from '../src/signals/metrics/exposition.ts';
import { negotiate } from '../src/signals/metrics/negotiate.ts';
import { createMetrics } from '../src/signals/metrics/registry.ts';
import type { Metrics } from '../src/signals/metrics/types.ts';

const REF = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

test('a real Prometheus scrapes us, and its exemplars can be read', async t => {
  if (!hasPrometheus(t)) return;
  const clock = systemClock();
  const metrics = createMetrics({ clock, namespace: 'divan' });
  const stop = await runtime.setup({ clock, metrics } as Kit);
  t.after(() => stop?.());
  const formats = new Set<string>();
  const server = await serve(metrics, formats);
  t.after(() => server.close());
  const prometheus = await startPrometheus(t, { port: (server.address() as AddressInfo).port });

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
