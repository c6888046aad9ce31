import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, it } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { client } from '../src/parts/client/part.ts';
import { type Registered, registered } from './otel/open.ts';
import { scrape } from './unit/metrics/scrape.ts';
import { until } from './unit/parts/support.ts';

let server: Server;
let origin: string;
let seen: IncomingHttpHeaders[] = [];
let raw: string[] = [];
let obs: Registered;
let instrumentation: UndiciInstrumentation;

before(async () => {
  server = createServer((req, res) => {
    seen.push(req.headers);
    raw = req.rawHeaders;
    res.statusCode = req.url?.startsWith('/missing') ? 404 : 200;
    res.end('done');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  obs = await registered();
  await obs.kit.use(client);
  instrumentation = new UndiciInstrumentation();
});
after(async () => {
  instrumentation.disable();
  await obs.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
  obs.spans.length = 0;
});

const ended = () => until(() => obs.spans.some(({ spanKind }) => spanKind === 'client'));

it('instrumentation-undici makes children of our spans, and our own client spans give way to them', async () => {
  await obs.kit.trace.span('ours', () => fetch(`${origin}/users/7?token=secret`).then(res => res.text()));
  await ended();
  const clients = obs.spans.filter(({ spanKind }) => spanKind === 'client');
  assert.equal(clients.length, 1);
  const [call] = clients;
  assert.equal(call?.attributes['otel.scope.name'], '@opentelemetry/instrumentation-undici');
  assert.equal(call?.parentSpanId, obs.span('ours').spanId);
  assert.equal(call?.attributes['http.response.status_code'], 200);
  assert.equal(seen[0]?.['traceparent'], `00-${call?.traceId}-${call?.spanId}-01`);
  assert.equal(raw.filter(name => name.toLowerCase() === 'traceparent').length, 1);
  assert.doesNotMatch(JSON.stringify(call), /secret/);
});

it('a failed call of it fails its span, without the message', async () => {
  await obs.kit.trace.span('ours', () => fetch(`${origin}/missing`).then(res => res.text()));
  await ended();
  assert.equal(obs.spans.find(({ spanKind }) => spanKind === 'client')?.status.code, 2);
});

it('its histogram is one of our metrics', async () => {
  const text = await scrape(obs.kit.metrics);
  const port = new URL(origin).port;
  const labels = text.match(/http_client_request_duration_seconds_count\{([^}]*)\}/)?.[1] ?? '';
  assert.match(labels, /http_request_method="GET"/);
  assert.match(labels, new RegExp(`server_port="${port}"`));
});
