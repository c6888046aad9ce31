/**
 * Sends spans as fast as they are taken: `node send.ts URL WARM SECONDS`. Bodies are made beforehand, so that the
 * sender costs little; a span counts once its request was answered 200.
 */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';

export interface Sent {
  /** Acknowledged in the measured time, and in all. */
  spans: number;
  total: number;
  seconds: number;
  refused: number;
}
type Encode = (groups: readonly object[]) => Uint8Array;

const SPANS = 512;
const BODIES = 200;
const CONNECTIONS = 8;
const ROUTES = ['/users/:id', '/rooms/:room/messages', '/health', '/search'];
const { encodeTraces } = (await import('../../packages/wire/dist/index.js')) as unknown as {
  encodeTraces: Encode;
};

/** As an HTTP server of the field writes it, ten attributes; every fourth is a query below it. */
function span(i: number, traceId: string): object {
  const route = ROUTES[i % 4] as string;
  const server = {
    ...{ 'http.request.method': 'GET', 'http.route': route, 'url.path': route.replace(':id', String(i)) },
    ...{ 'http.response.status_code': i % 50 === 0 ? 500 : 200, 'url.scheme': 'http', 'server.port': 8080 },
    ...{ 'server.address': 'api.internal', 'network.protocol.version': '1.1' },
    ...{ 'user_agent.original': 'k6/1.0', 'app.tenant': `tenant-${i % 37}` },
  };
  const query = { 'db.query.text': 'SELECT * FROM rooms WHERE id = $1', 'db.rows': i };
  const isQuery = i % 4 === 3;
  const startTime = Date.now() + i / 50;
  return {
    ...{ kind: 'span', traceId, spanId: randomBytes(8).toString('hex'), flags: 1 },
    ...(i % 4 !== 0 && { parentSpanId: randomBytes(8).toString('hex') }),
    ...{ name: isQuery ? 'SELECT rooms' : `GET ${route}`, spanKind: isQuery ? 'client' : 'server' },
    ...{ startTime, endTime: startTime + 4.2, events: [], links: [] },
    attributes: isQuery ? { 'db.system.name': 'postgresql', ...query } : server,
    status: { code: i % 50 === 0 ? 2 : 0 },
  };
}

function body(n: number): Uint8Array {
  let trace = '';
  const items = Array.from({ length: SPANS }, (_, j) => {
    // Four spans a trace.
    if (j % 4 === 0) trace = randomBytes(16).toString('hex');
    return span(n * SPANS + j, trace);
  });
  const resource = { attributes: { 'service.name': 'load', 'service.version': '1.0.0', 'host.name': 'one' } };
  return encodeTraces([
    { resource, scopes: [{ scope: { name: 'load', version: '1', attributes: {} }, items }] },
  ]);
}

const [, , url, warm, seconds] = process.argv;
const bodies = Array.from({ length: BODIES }, (_, n) => body(n));
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
let next = 0;
let taken = 0;
let refused = 0;

function post(bytes: Uint8Array): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': bytes.length };
  return new Promise((resolve, reject) => {
    const call = request(`${url}/v1/traces`, { method: 'POST', agent, headers }, response => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) taken += SPANS;
        else refused += 1;
        resolve();
      });
    });
    call.on('error', reject);
    call.end(bytes);
  });
}

async function run(forSeconds: number): Promise<number> {
  const began = performance.now();
  const end = began + forSeconds * 1000;
  const connection = async (): Promise<void> => {
    while (performance.now() < end) await post(bodies[next++ % BODIES] as Uint8Array);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return (performance.now() - began) / 1000;
}

await run(Number(warm));
const before = taken;
const took = await run(Number(seconds));
process.send?.({ spans: taken - before, total: taken, seconds: took, refused } satisfies Sent);
process.on('disconnect', () => process.exit(0));
