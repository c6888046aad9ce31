// Long because it is one list of what every adapter must show, each item against the same app.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { SpanRecord } from '@plimsoll/wire';
import type { Obs } from '../../app/obs.ts';
import type { InitOptions } from '../../config/load.ts';

/**
 * What a framework must be able to show. `build` makes an app observed by `obs` with these routes, in the
 * framework's own idiom:
 *
 * - `GET /users/:id` answers `{"id":ID}`, after a turn of the event loop in which it logs `{ n: ID }, 'seen'`
 * - `POST /echo` reads a JSON body and answers it; 413 over 1 MB where the framework has a limit
 * - `GET /boom` throws, `GET /reject` rejects, both with `new Error('boom ' + SECRET)`
 * - `GET /stream` sends `a`, then 60 ms later `b`
 * - `GET /hang` sends its headers and one byte, and never ends
 * - `GET /api/v1/items/:item` in a nested router, `GET /mounted/things/:thing` in a mounted app
 */
export interface AdapterHarness {
  readonly name: string;
  build(options: InitOptions): Promise<{ obs: Obs; url: string; close(): Promise<void> }>;
  /** Calls `init` again on the app that `build` made. */
  again(): Promise<void>;
  /** What the two routes that come from other routers are called in labels. */
  readonly nested?: string;
  readonly mounted?: string;
  /** False where there is no router: an unknown path has then no answer of the framework's own. */
  readonly notFound?: false;
}

export const SECRET = 'ghp_0123456789abcdefABCDEF0123456789abcd';
const PARENT = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };
const TOKEN = 'contract-admin-token';

type Line = Record<string, unknown>;

export function adapterContract(harness: AdapterHarness): void {
  describe(`adapter contract: ${harness.name}`, () => {
    let app: Awaited<ReturnType<AdapterHarness['build']>>;
    const lines: Line[] = [];
    const spans: SpanRecord[] = [];

    before(async () => {
      app = await harness.build({
        ...{
          service: 'contract',
          env: 'production',
          trace: { enabled: true, clients: false },
          ops: { adminToken: [TOKEN] },
        },
        http: { traceparentHeader: true, correlationIdHeader: 'X-Correlation-ID' },
        log: { stdout: false, samplingRateInfo: 1 },
      } as InitOptions);
      app.obs.onLine(line => lines.push(JSON.parse(line)));
      app.obs.on('span', span => spans.push(span));
    });
    after(() => app.close());

    const get = (path: string, headers: Record<string, string> = {}) => fetch(app.url + path, { headers });
    /** The lines of one request, once its completion line is there. */
    const linesOf = async (id: string | null): Promise<Line[]> => {
      for (let turn = 0; turn < 400; turn++) {
        const mine = lines.filter(line => line['request_id'] === id);
        if (mine.some(line => line['msg'] === 'http_request')) return mine;
        await new Promise(resolve => setTimeout(resolve, 5));
      }
      throw new Error(`no completion line for ${id}`);
    };
    const completion = async (id: string | null) =>
      (await linesOf(id)).filter(line => line['msg'] === 'http_request');
    const metrics = async () => (await get('/metrics', { 'x-admin-token': TOKEN })).text();

    test('a safe request id is kept, and comes back with the correlation id', async () => {
      const res = await get('/users/1', { 'x-request-id': 'req-A.1:b_c', 'x-correlation-id': 'corr-1' });
      assert.equal(res.headers.get('x-request-id'), 'req-A.1:b_c');
      assert.equal(res.headers.get('x-correlation-id'), 'corr-1');
      const [line] = await completion('req-A.1:b_c');
      assert.equal(line?.['correlation_id'], 'corr-1');
    });

    test('an absent or hostile request id is replaced', async () => {
      for (const id of ['', 'a b', 'x'.repeat(129), '<script>', 'a"b', 'é', '{"a":1}', 'a,b']) {
        const res = await get('/users/1', id === '' ? {} : { 'x-request-id': encodeLatin(id) });
        assert.match(res.headers.get('x-request-id') ?? '', /^[0-9a-f]{8}-[0-9a-f-]{27}$/, id);
        await res.arrayBuffer();
      }
    });

    test('every kind of answer has its id and exactly one completion line', async () => {
      const big = JSON.stringify({ text: 'x'.repeat(2_000_000) });
      const requests: [string, RequestInit | undefined][] = [
        ['/users/7?secret=query-text', undefined],
        ['/echo', { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }],
        ['/echo', { method: 'POST', body: big, headers: { 'content-type': 'application/json' } }],
        ['/boom', undefined],
        ['/reject', undefined],
        ['/stream', undefined],
        ['/nowhere/at/all', undefined],
        ['/users/7', { method: 'HEAD' }],
        ['/users/7', { method: 'DELETE' }],
      ];
      for (const [path, init] of requests) {
        const res = await fetch(app.url + path, init);
        await res.arrayBuffer();
        const id = res.headers.get('x-request-id');
        const [line, ...more] = await completion(id);
        assert.equal(more.length, 0, path);
        assert.equal(line?.['status'], res.status, path);
        assert.equal(line?.['method'], init?.method ?? 'GET', path);
        assert.equal(typeof line?.['latency_ms'], 'number', path);
        const text = JSON.stringify(await linesOf(id));
        assert.ok(!text.includes('query-text') && !text.includes('xxxxxxxx'), path);
      }
    });

    test('an error becomes 500 with one error line, its stack without secrets', async () => {
      for (const path of ['/boom', '/reject']) {
        const res = await get(path);
        assert.equal(res.status, 500);
        assert.ok(res.headers.get('x-request-id'));
        await res.arrayBuffer();
        const mine = await linesOf(res.headers.get('x-request-id'));
        const errors = mine.filter(line => line['msg'] === 'http_request_error');
        assert.equal(errors.length, 1);
        const err = errors[0]?.['err'] as { stack: string; type: string };
        assert.equal(err.type, 'Error');
        assert.match(err.stack, /\n\s+at /);
        assert.ok(!JSON.stringify(mine).includes(SECRET));
        assert.equal(errors[0]?.['route'], path);
        assert.equal(mine.find(line => line['msg'] === 'http_request')?.['level'], 'error');
      }
    });

    test('the time of a stream counts until its end', async () => {
      const res = await get('/stream');
      assert.equal(await res.text(), 'ab');
      const [line] = await completion(res.headers.get('x-request-id'));
      assert.ok((line?.['latency_ms'] as number) >= 50, String(line?.['latency_ms']));
    });

    test('a client that leaves gives one line that says so', async () => {
      const id = 'aborted-1';
      await abort(app.url, `GET /hang HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\n\r\n`);
      const all = await completion(id);
      assert.equal(all.length, 1);
      assert.equal(all[0]?.['aborted'], true);
      assert.equal(all[0]?.['route'], '/hang');
    });

    test('labels and lines have templates, for nested routers and mounted apps too', async () => {
      const cases: [string, string][] = [
        ['/users/4711', '/users/:id'],
        ['/api/v1/items/4711', harness.nested ?? '/api/v1/items/:item'],
        ['/mounted/things/4711', harness.mounted ?? '/mounted/things/:thing'],
        ...(harness.notFound === false ? [] : ([['/no/4711', 'unmatched']] as [string, string][])),
      ];
      for (const [path, template] of cases) {
        const res = await get(path);
        await res.arrayBuffer();
        const [line] = await completion(res.headers.get('x-request-id'));
        assert.equal(line?.['route'], template);
        const sample = `http_requests_total{route="${template}",method="GET",status="${res.status}"}`;
        assert.ok((await metrics()).includes(sample), sample);
      }
      assert.ok(!(await metrics()).includes('/4711'));
    });

    test('a thousand requests at once keep their ids apart in lines, spans and headers', async () => {
      spans.length = 0;
      const ids = Array.from({ length: 1000 }, (_, n) => `par-${n}`);
      await Promise.all(
        ids.map(async (id, n) => {
          const trace = `a${n.toString(16).padStart(31, '0')}`;
          const res = await get(`/users/${id}`, {
            'x-request-id': id,
            traceparent: `00-${trace}-${PARENT.span}-01`,
          });
          assert.equal(((await res.json()) as { id: string }).id, id);
          assert.equal(res.headers.get('x-request-id'), id);
          assert.equal(res.headers.get('traceparent')?.slice(3, 35), trace);
        }),
      );
      for (const [n, id] of ids.entries()) {
        const mine = await linesOf(id);
        assert.equal(mine.length, 2, id);
        const trace = `a${n.toString(16).padStart(31, '0')}`;
        assert.ok(
          mine.every(line => line['trace_id'] === trace),
          id,
        );
        assert.equal(mine.find(line => line['msg'] === 'seen')?.['n'], id);
        assert.equal(spans.filter(span => span.traceId === trace).length, 1);
      }
    });

    test('a valid traceparent is continued: span, line and header agree', async () => {
      spans.length = 0;
      const res = await get('/users/9', {
        traceparent: `00-${PARENT.trace}-${PARENT.span}-01`,
        tracestate: 'a=1',
      });
      const [line] = await completion(res.headers.get('x-request-id'));
      const span = spans.find(candidate => candidate.traceId === PARENT.trace);
      assert.equal(span?.parentSpanId, PARENT.span);
      assert.equal(span?.traceState, 'a=1');
      assert.equal(span?.name, 'GET /users/:id');
      assert.equal(span?.attributes['http.route'], '/users/:id');
      assert.equal(line?.['span_id'], span?.spanId);
      assert.equal(res.headers.get('traceparent'), `00-${PARENT.trace}-${span?.spanId}-01`);
    });

    test('what is no traceparent begins a new trace', async () => {
      const zero = '0'.repeat(32);
      const bad = ['junk', `00-${zero}-${PARENT.span}-01`, `00-${PARENT.trace}-${'0'.repeat(16)}-01`];
      bad.push(`ff-${PARENT.trace}-${PARENT.span}-01`, `00-${PARENT.trace.toUpperCase()}-${PARENT.span}-01`);
      bad.push(`00-${PARENT.trace}-${PARENT.span}-01-more`, `00-${PARENT.trace}-${PARENT.span}-01, x`);
      for (const traceparent of bad) {
        const res = await get('/users/9', { traceparent });
        assert.notEqual(res.headers.get('traceparent')?.slice(3, 35), PARENT.trace, traceparent);
        assert.notEqual(res.headers.get('traceparent')?.slice(3, 35), zero, traceparent);
      }
    });

    test('an unsampled parent is honoured: flag 00, and no span', async () => {
      spans.length = 0;
      const res = await get('/users/9', { traceparent: `00-${PARENT.trace}-${PARENT.span}-00` });
      await completion(res.headers.get('x-request-id'));
      assert.match(res.headers.get('traceparent') ?? '', new RegExp(`^00-${PARENT.trace}-[0-9a-f]{16}-00$`));
      assert.equal(spans.length, 0);
    });

    test('unknown methods share one label', async () => {
      const res = await fetch(`${app.url}/users/1`, { method: 'PROPFIND' });
      const [line] = await completion(res.headers.get('x-request-id'));
      assert.equal(line?.['method'], 'OTHER');
    });

    test('a 60 ms request raises the buckets from 0.1 up, and the counts agree', async () => {
      await (await get('/stream')).text();
      const text = await metrics();
      const value = (le: string) =>
        sample(text, `http_request_duration_seconds_bucket{route="/stream",method="GET",le="${le}"}`);
      assert.equal(value('0.05'), 0);
      assert.ok(value('+Inf') >= 1 && value('5') >= value('0.5'));
      const count = sample(text, 'http_request_duration_seconds_count{route="/stream",method="GET"}');
      assert.equal(count, sample(text, 'http_requests_total{route="/stream",method="GET",status="200"}'));
    });

    test('a second init counts once', async () => {
      await harness.again();
      const before = sample(
        await metrics(),
        'http_requests_total{route="/users/:id",method="GET",status="200"}',
      );
      const res = await get('/users/twice');
      assert.equal((await completion(res.headers.get('x-request-id'))).length, 1);
      const now = sample(
        await metrics(),
        'http_requests_total{route="/users/:id",method="GET",status="200"}',
      );
      assert.equal(now, before + 1);
    });

    test('health is open, metrics want the token', async () => {
      assert.equal((await get('/health/live')).status, 200);
      assert.equal((await get('/metrics')).status, 403);
      const res = await get('/metrics', { authorization: `Bearer ${TOKEN}` });
      assert.equal(res.status, 200);
    });

    test('off: no header, no line, the same bytes', async () => {
      const off = await harness.build({ enabled: false } as InitOptions);
      try {
        const count = lines.length;
        const res = await fetch(`${off.url}/users/5`);
        assert.equal(await res.text(), '{"id":"5"}');
        assert.equal(res.headers.get('x-request-id'), null);
        assert.equal(res.headers.get('traceparent'), null);
        assert.equal((await fetch(`${off.url}/health/live`)).status, 404);
        assert.equal(lines.length, count);
      } finally {
        await off.close();
      }
    });
  });
}

function sample(text: string, series: string): number {
  const line = text.split('\n').find(candidate => candidate.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}

/** Header values are bytes: what is beyond Latin-1 can't be sent at all. */
function encodeLatin(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Sends a request, waits for the first byte of its answer, and leaves. */
async function abort(url: string, request: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(request);
  await new Promise(resolve => socket.once('data', resolve));
  socket.destroy();
}
