import assert from 'node:assert/strict';
import { createServer, get, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { SpanRecord } from '@plimsoll/wire';
import type { KitCore } from '../src/kernel/kit.ts';
import { client } from '../src/parts/client/part.ts';
import { openKit, until } from './unit/parts/support.ts';

let server: Server;
let origin: string;
let seen: IncomingHttpHeaders[] = [];
let kit: KitCore;
const spans: SpanRecord[] = [];

before(async () => {
  server = createServer((incoming, answer) => {
    seen.push(incoming.headers);
    const path = incoming.url ?? '';
    if (path.startsWith('/reset')) return void incoming.socket.destroy();
    if (path.startsWith('/half')) {
      answer.writeHead(200, { 'content-length': 100 }).write('x');
      return void setTimeout(() => answer.destroy(), 5);
    }
    answer.statusCode = path.startsWith('/missing') ? 404 : 200;
    answer.end('done');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  kit = openKit({ trace: { enabled: true } });
  await kit.use(client);
  kit.on('span', span => void spans.push(span));
});
after(async () => {
  await kit.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
  spans.length = 0;
});

const viaHttp = (path: string, headers?: Record<string, string> | readonly string[]): Promise<unknown> =>
  new Promise(resolve => {
    const outgoing = get(origin + path, { headers: headers as Record<string, string> }, answer => {
      answer.on('error', () => {});
      answer.on('close', resolve).resume();
    });
    outgoing.on('error', resolve);
  });
const viaFetch = (path: string, headers: Record<string, string> = {}): Promise<unknown> =>
  fetch(origin + path, { headers })
    .then(answer => answer.text())
    .catch(() => undefined);
const clientSpan = async (): Promise<SpanRecord> => {
  await until(() => spans.some(span => span.attributes['server.address'] !== undefined));
  return spans.find(span => span.attributes['server.address'] !== undefined)!;
};

for (const [library, call] of [
  ['node:http', viaHttp],
  ['fetch', viaFetch],
] as const) {
  describe(`a request through ${library}`, () => {
    it('is a client span under the active one, and carries its ids', async () => {
      const outer = kit.trace.start('outer');
      await kit.trace.with(outer, () => call('/users/7?token=secret'));
      outer.end();
      const span = await clientSpan();
      assert.equal(span.name, 'GET');
      assert.equal(span.parentSpanId, outer.spanId);
      assert.equal(span.traceId, outer.traceId);
      assert.equal(seen[0]?.['traceparent'], `00-${span.traceId}-${span.spanId}-01`);
      assert.equal(span.attributes['http.request.method'], 'GET');
      assert.equal(span.attributes['http.response.status_code'], 200);
      assert.equal(span.attributes['server.address'], '127.0.0.1');
      assert.equal(span.attributes['server.port'], Number(new URL(origin).port));
      assert.equal(span.status.code, 0);
      assert.equal(JSON.stringify(span.attributes).includes('secret'), false);
    });

    it('that fails by status or on the wire is marked, by type alone', async () => {
      await call('/missing');
      let span = await clientSpan();
      assert.equal(span.attributes['error.type'], '404');
      assert.equal(span.status.code, 2);
      spans.length = 0;
      await call('/reset');
      span = await clientSpan();
      assert.match(String(span.attributes['error.type']), /ECONNRESET|UND_ERR_SOCKET/);
      assert.equal(span.status.code, 2);
      spans.length = 0;
      await call('/half');
      span = await clientSpan();
      assert.equal(span.status.code, 2);
    });

    it('passes tracestate and baggage on', async () => {
      const context = kit.trace.extract({
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        tracestate: 'vendor=opaque',
        baggage: 'tenant=divan',
      });
      const outer = kit.trace.start('outer', { parent: context });
      await kit.context.run(context, () => kit.trace.with(outer, () => call('/')));
      outer.end();
      assert.equal(seen[0]?.['traceparent']?.slice(3, 35), '4bf92f3577b34da6a3ce929d0e0e4736');
      assert.equal(seen[0]?.['tracestate'], 'vendor=opaque');
      assert.equal(seen[0]?.['baggage'], 'tenant=divan');
    });

    it('that has a traceparent already keeps it', async () => {
      const own = '00-11111111111111111111111111111111-2222222222222222-01';
      await call('/', { traceparent: own });
      assert.equal(seen[0]?.['traceparent'], own);
    });
  });
}

it('a request whose head is on its way already is traced, and not disturbed', async () => {
  await new Promise(resolve => {
    const outgoing = request(
      origin,
      { method: 'POST', headers: ['host', 'example.test', 'x-list', '1'] },
      answer => {
        answer.on('close', resolve).resume();
      },
    );
    outgoing.end('body');
  });
  const span = await clientSpan();
  assert.equal(span.name, 'POST');
  assert.equal(seen[0]?.['x-list'], '1');
  assert.equal(seen[0]?.['traceparent'], undefined);
});

it('an abandoned request ends its span', async () => {
  const outgoing = request(`${origin}/`, { method: 'POST' });
  outgoing.on('error', () => {});
  outgoing.write('x');
  outgoing.destroy();
  assert.equal((await clientSpan()).attributes['error.type'], 'ECONNRESET');
});

it('a kit without tracing leaves the channels alone', async () => {
  const { hasSubscribers } = await import('node:diagnostics_channel');
  await kit.close();
  const off = openKit({ trace: { enabled: false } });
  await off.use(client);
  for (const channel of ['undici:request:create', 'http.client.request.created']) {
    assert.equal(hasSubscribers(channel), false);
  }
  await off.close();
});
