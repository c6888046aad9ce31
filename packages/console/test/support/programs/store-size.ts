/**
 * How fast a large store answers: `store-size.ts fill DIR [SPANS] [LINES]` writes one (5 million and 10 million, over a
 * day, unless told), `store-size.ts ask DIR` starts a console over it and times the page's questions through its API.
 */
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { DecodedLog, SpanRecord } from '@plimsoll/wire';
import { startConsole } from '../../../src/server.ts';
import { openDuckdbStore } from '../../../src/store/duckdb/store.ts';

const DAY = 86_400_000;
const BATCH = 8192;
const GIB = 2 ** 30;
/** In one line of a million, and in none. */
const RARE = 'xylophone';
const ABSENT = 'zeppelin';
const ROUTES = Array.from({ length: 40 }, (_, i) => `/api/v1/things-${i}/:id`);
const WORDS = ['cache', 'queue', 'order', 'payment', 'session', 'retry', 'socket', 'index', 'batch', 'token'];
const scope = { name: 'load', version: '1', attributes: {} };
const groupsOf = <T>(service: string, items: readonly T[]) => [
  { resource: { attributes: { 'service.name': service } }, scopes: [{ scope, items }] },
];
const hex = (n: number, digits: number) => (n + 1).toString(16).padStart(digits, '0');
/** Spread over all bits, or ids would compress as no id does. */
const mixed = (n: number) => hex(Math.imul(n + 1, 0x9e3779b1) >>> 0, 8) + hex(n, 8);
const traceOf = (n: number) => mixed(n) + mixed(n + 7_000_000);

function span(i: number, time: number): SpanRecord {
  const trace = i >> 2;
  const root = i % 4 === 0;
  const route = ROUTES[trace % ROUTES.length]!;
  const failed = trace % 97 === 0;
  return {
    kind: 'span',
    ...{ traceId: traceOf(trace), spanId: mixed(i), flags: 1 },
    ...(!root && { parentSpanId: mixed(trace * 4) }),
    ...{ name: root ? `GET ${route}` : 'SELECT things', spanKind: root ? 'server' : 'client' },
    ...{ startTime: time, endTime: time + 3 + (trace % 400) },
    attributes: root
      ? {
          ...{
            'http.request.method': 'GET',
            'http.route': route,
            'url.path': route.replace(':id', String(i)),
          },
          ...{ 'http.response.status_code': failed ? 500 : 200, 'app.tenant': `tenant-${trace % 5000}` },
        }
      : {
          'db.system.name': 'postgresql',
          'db.query.text': 'SELECT * FROM things WHERE id = $1',
          'db.rows': i % 50,
        },
    ...{ events: [], links: [], status: { code: failed && root ? 2 : 0 } },
  };
}

function line(i: number, time: number): DecodedLog {
  const word = (n: number) => WORDS[(i * n) % WORDS.length];
  const rare = i % 1_000_000 === 999_999 ? ` ${RARE}` : '';
  return {
    kind: 'log',
    ...{ time, observedTime: time, level: 'info', severityNumber: i % 50 === 0 ? 17 : 9, severityText: '' },
    body: `${word(1)} ${word(3)} of ${i % 1000} took ${i % 777} ms for shard ${i % 64}, ${word(7)} is next${rare}`,
    logger: `app.${word(3)}`,
    attributes: { request_id: `r-${hex(i >> 3, 10)}`, shard: i % 64, 'app.tenant': `tenant-${i % 5000}` },
    ...(i % 2 === 0 && { traceId: traceOf(i >> 3), spanId: mixed(i >> 1), flags: 1 }),
  };
}

async function fill(dir: string, spans: number, lines: number): Promise<void> {
  const store = await openDuckdbStore({ dir: join(dir, 'store'), maxBytes: 64 * GIB });
  const from = Date.now() - DAY;
  const begun = performance.now();
  for (let i = 0; i < Math.max(spans, lines); i += BATCH) {
    const at = (n: number, of: number) => from + Math.floor((n / of) * DAY);
    const many = <T>(to: number, make: (n: number, time: number) => T) =>
      Array.from({ length: Math.max(0, Math.min(BATCH, to - i)) }, (_, k) => make(i + k, at(i + k, to)));
    const service = `service-${(i / BATCH) % 5}`;
    await Promise.all([
      store.writeTraces(groupsOf(service, many(spans, span))),
      store.writeLogs(groupsOf(service, many(lines, line))),
    ]);
  }
  console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, ...(await store.stats()) }));
  await store.close();
}

interface Asked {
  readonly what: string;
  readonly path: string;
}

function questions(now: number, spans: number): readonly Asked[] {
  const day = `from=${now - DAY}&to=${now + 60_000}`;
  const hour = `from=${now - 3_600_000}&to=${now + 60_000}`;
  const some = spans >> 3;
  return [
    { what: 'overview, last hour', path: `/overview?${hour}&step=60000` },
    { what: 'overview, whole day', path: `/overview?${day}&step=900000` },
    { what: 'busiest routes, whole day', path: `/requests?${day}&by=route` },
    { what: 'traces, newest', path: `/traces?${day}&limit=100` },
    { what: 'traces, slowest', path: `/traces?${day}&limit=100&order=slowest` },
    { what: 'traces with an error', path: `/traces?${day}&status=error` },
    { what: 'traces of a route', path: `/traces?${day}&route=${encodeURIComponent(ROUTES[7]!)}` },
    { what: 'traces by a rare attribute', path: `/traces?${day}&attribute=app.tenant%3Dtenant-4321` },
    {
      what: 'traces by an attribute that none has',
      path: `/traces?${day}&attribute=app.tenant%3Dtenant-none`,
    },
    { what: 'a trace opened', path: `/traces/${traceOf(some)}` },
    { what: 'log lines, newest', path: `/logs?${day}&limit=200` },
    { what: 'log lines, errors', path: `/logs?${day}&limit=200&minSeverity=17` },
    { what: 'log lines of a request', path: `/logs?requestId=r-${hex(some, 10)}` },
    { what: 'log lines of a trace', path: `/logs?traceId=${traceOf(some)}` },
    { what: 'text that many lines have', path: `/logs?${day}&limit=200&text=payment` },
    { what: 'text that 10 of all lines have', path: `/logs?${day}&limit=200&text=${RARE}` },
    { what: 'text that no line has', path: `/logs?${day}&limit=200&text=${ABSENT}` },
  ];
}

const ROUNDS = 5;

async function ask(dir: string): Promise<void> {
  const opening = performance.now();
  const running = await startConsole({
    ...{ dir, port: 0, otlpHttpPort: 0, otlpGrpcPort: 0, maxBytes: 64 * GIB },
  });
  const opened = performance.now() - opening;
  const get = async (path: string) => {
    const begun = performance.now();
    const response = await fetch(`${running.url}/api/console${path}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return { ms: performance.now() - begun, body: JSON.parse(text) as Record<string, unknown> };
  };
  const { body: stats } = await get('/stats');
  const services = (await get('/services')).body as unknown as readonly { lastSeen: number }[];
  const now = Math.max(...services.map(one => one.lastSeen));
  console.log(
    `store: ${JSON.stringify(stats)}, opened in ${opened.toFixed(0)} ms; disk ${statfsSync(dir).type}`,
  );
  console.log('| question | first, ms | median of the next 5 | answer |\n|---|---:|---:|---|');
  for (const { what, path } of questions(now, stats['spans'] as number)) {
    const first = await get(path);
    const rest: number[] = [];
    for (let i = 0; i < ROUNDS; i++) rest.push((await get(path)).ms);
    rest.sort((a, b) => a - b);
    console.log(`| ${what} | ${first.ms.toFixed(0)} | ${rest[2]!.toFixed(0)} | ${sizeOf(first.body)} |`);
  }
  await running.close();
}

function sizeOf(body: Readonly<Record<string, unknown>>): string {
  for (const name of ['items', 'services', 'spans']) {
    const value = body[name];
    if (Array.isArray(value)) return `${value.length} ${name}`;
  }
  return Array.isArray(body) ? `${body.length} rows` : '';
}

const [verb = '', dir = '', spans = '5000000', lines = '10000000'] = process.argv.slice(2);
if (verb === 'fill' && dir !== '') await fill(dir, Number(spans), Number(lines));
else if (verb === 'ask' && dir !== '') await ask(dir);
else throw new Error('fill DIR [SPANS] [LINES], or ask DIR');
