import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Attributes,
  ByteWriter,
  decodeTraces,
  encodeSpan,
  type SpanRecord,
  tracesRequest,
} from '@plimsoll/wire';
import fc from 'fast-check';
import { type Exchange, Exchanges } from '../../../src/adapters/exchange.ts';
import { heldClock, openKit } from '../../support/kit.ts';

const SENDER = { resource: { attributes: {} }, scopeName: 's', scopeVersion: '1' };
const decode = (spans: readonly Uint8Array[]): readonly SpanRecord[] =>
  decodeTraces(tracesRequest({ ...SENDER, spans }))[0]?.scopes[0]?.items ?? [];

interface Request {
  readonly method: string;
  readonly template: string | undefined;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly user?: string | number;
  readonly ms: number;
}

function observed(code: Parameters<typeof openKit>[0] = {}) {
  const clock = heldClock();
  const { kit } = openKit({ ...code, trace: { enabled: true, ...code?.trace } }, clock);
  const exchanges = new Exchanges(kit);
  const serve = (request: Request, during?: (exchange: Exchange) => void): Exchange => {
    const exchange = exchanges.begin(request.method, request.headers);
    if (request.template !== undefined) exchanges.route(exchange, exchanges.table.route(request.template));
    if (request.user !== undefined) exchange.userId = request.user;
    kit.context.run(exchange, () => during?.(exchange));
    clock.move(request.ms);
    exchanges.finish(exchange, request.status, true);
    return exchange;
  };
  return { kit, exchanges, serve, clock };
}

/** The span that these rules describe, by the encoder that knows nothing of requests. */
function expected(
  { kit, exchanges }: ReturnType<typeof observed>,
  exchange: Exchange,
  request: Request,
): SpanRecord {
  const template = request.template ?? 'unmatched';
  const user: Attributes =
    request.user === undefined ? {} : { 'user.id': kit.privacy.hash(request.user, 'user_id') };
  return {
    ...{ kind: 'span', traceId: exchange.traceId, spanId: exchange.spanId, flags: exchange.flags },
    ...(exchange.remoteParent !== undefined && { parentSpanId: exchange.remoteParent }),
    parentRemote: exchange.remoteParent !== undefined,
    ...(exchange.traceState !== undefined && { traceState: exchange.traceState }),
    name: exchanges.table.name(template, exchange.method).slice(0, 120),
    spanKind: 'server',
    startTime: exchange.start,
    endTime: exchange.start + request.ms,
    attributes: { ...exchanges.table.attributes(template, exchange.method, request.status), ...user },
    ...{ events: [], links: [], status: { code: request.status >= 500 ? 2 : 0 } },
  };
}

const TEMPLATES = [
  '/',
  '/users/:id',
  '/caf\u00e9/:\u540d',
  `/long/${'x'.repeat(300)}`,
  `/wide/${'\u540d'.repeat(150)}`,
];
const requests: fc.Arbitrary<Request> = fc.record(
  {
    method: fc.constantFrom('GET', 'POST', 'PROPFIND'),
    template: fc.constantFrom(undefined, ...TEMPLATES),
    status: fc.constantFrom(200, 201, 304, 404, 499, 500, 503),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
      { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03', tracestate: 'a=1' },
      {
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        tracestate: `a=${'v'.repeat(120)},b=${'w'.repeat(120)},c=${'x'.repeat(250)}`,
      },
    ),
    user: fc.option(fc.oneof(fc.integer(), fc.string()), { nil: undefined }) as fc.Arbitrary<string>,
    ms: fc.integer({ min: 0, max: 100_000 }),
  },
  { noNullPrototype: true },
);

describe("a request's span, written by hand", () => {
  for (const semconv of ['stable', 'seed', 'both'] as const) {
    test(`equals what encodeSpan makes of the same record (${semconv} names)`, () => {
      const app = observed({ trace: { semconv } });
      const batches: Uint8Array[] = [];
      app.kit.onBytes('span', bytes => batches.push(bytes.slice()));
      fc.assert(
        fc.property(requests, request => {
          batches.length = 0;
          const exchange = app.serve(request);
          app.kit.core.flush();
          const w = new ByteWriter(4096);
          encodeSpan(w, expected(app, exchange, request));
          const byHand = decode(batches);
          assert.equal(byHand.length, 1);
          assert.deepEqual(byHand, decode([w.take()]));
        }),
      );
    });
  }

  test('is the same span that a listener for records gets', () => {
    const app = observed();
    const batches: Uint8Array[] = [];
    app.kit.onBytes('span', bytes => batches.push(bytes.slice()));
    const request = { method: 'GET', template: '/users/:id', status: 200, headers: {}, user: 7, ms: 12 };
    app.serve(request);
    app.kit.core.flush();
    const records: SpanRecord[] = [];
    app.kit.on('span', span => records.push(span));
    app.serve(request);
    const [byHand] = decode(batches);
    const [record] = records;
    assert.deepEqual(byHand?.attributes, record?.attributes);
    assert.deepEqual(
      [byHand?.name, byHand?.spanKind, byHand?.status, byHand?.flags],
      [record?.name, record?.spanKind, record?.status, record?.flags],
    );
  });

  test('concatenates: many in one batch are many spans', () => {
    const app = observed();
    const batches: Uint8Array[] = [];
    let count = 0;
    app.kit.onBytes('span', (bytes, spans) => {
      batches.push(bytes.slice());
      count += spans;
    });
    const ids = Array.from({ length: 2000 }, (_, n) => {
      const template = TEMPLATES[n % TEMPLATES.length];
      return app.serve({ method: 'GET', template, status: 200, headers: {}, ms: 1 }).spanId;
    });
    app.kit.core.flush();
    assert.equal(count, 2000);
    assert.ok(batches.length > 1);
    assert.deepEqual(
      decode(batches).map(span => span.spanId),
      ids,
    );
  });
});

describe("a request's span", () => {
  const GET = { method: 'GET', template: '/users/:id', status: 200, headers: {}, ms: 5 };

  test('has what the service adds to it, cleaned, and its own attributes win', () => {
    const { kit, serve } = observed({ trace: { semconv: 'both' } });
    const spans: SpanRecord[] = [];
    kit.on('span', span => spans.push(span));
    serve(GET, () => {
      const span = kit.trace.active();
      span?.setAttributes({
        room: 'r1',
        token: 'hunter2',
        'http.route': 'forged',
        'db.statement': "x = 'secret'",
      });
      span?.addEvent('joined').end();
      kit.trace.span('inner', () => {});
      assert.equal(kit.trace.active(), span);
    });
    const [inner, request] = spans;
    assert.equal(spans.length, 2);
    assert.equal(inner?.parentSpanId, request?.spanId);
    assert.equal(request?.name, 'GET /users/:id');
    assert.equal(request?.attributes['room'], 'r1');
    assert.equal(request?.attributes['http.route'], '/users/:id');
    assert.equal(request?.attributes['http.status_code'], 200);
    assert.equal(request?.attributes['http.response.status_code'], 200);
    assert.equal(request?.events[0]?.name, 'joined');
    assert.ok(!/hunter2|secret|forged/.test(JSON.stringify(request)));
    assert.ok(
      (request?.endTime ?? 0) - (request?.startTime ?? 0) >= 5,
      'the whole request, not the part after active()',
    );
  });

  test('of a failed request has the exception, whose secrets are gone', () => {
    const { kit, exchanges, serve } = observed({ trace: { ratio: 0, slowMs: 0 } });
    const spans: SpanRecord[] = [];
    kit.on('span', span => spans.push(span));
    serve(GET);
    serve({ ...GET, status: 500 }, exchange =>
      exchanges.fail(exchange, new TypeError('boom for someone@example.org')),
    );
    assert.equal(spans.length, 1);
    assert.equal(spans[0]?.status.code, 2);
    assert.equal(spans[0]?.attributes['error.type'], '500');
    assert.equal(spans[0]?.events[0]?.attributes['exception.message'], 'boom for [email]');
  });

  test('and those below it leave together, once the request is over, when it was slow', () => {
    const { kit, serve } = observed({ trace: { ratio: 0, keepErrors: false, slowMs: 100 } });
    const batches: Uint8Array[] = [];
    kit.onBytes('span', bytes => batches.push(bytes.slice()));
    const during = (): void => kit.trace.span('inner', () => {});
    serve({ ...GET, ms: 99 }, during);
    serve({ ...GET, ms: 100 }, during);
    kit.core.flush();
    assert.deepEqual(
      decode(batches).map(span => span.name),
      ['inner', 'GET /users/:id'],
    );
  });

  test('is asked for too late without harm', () => {
    const { kit, serve } = observed();
    const exchange = serve(GET);
    kit.context.run(exchange, () => assert.equal(kit.trace.active()?.recording, false));
  });
});
