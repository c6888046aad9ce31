/**
 * How many spans a second a receiver takes and stores: bodies are made beforehand, so that the sender costs little.
 * `node --conditions=plimsoll-source load.ts [SECONDS] [CONNECTIONS]`; `PIN=0` keeps the receiver on one core.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodeTraces, type SpanRecord } from '@plimsoll/wire';

const SPANS = 512;
const BODIES = 200;
const [seconds = '10', connections = '8'] = process.argv.slice(2);
let trace = '';
const routes = ['/users/:id', '/rooms/:room/messages', '/health', '/search'];

/** As an HTTP server of the field writes it, ten attributes; every fourth is a query below it. */
function span(i: number, now: number): SpanRecord {
  const route = routes[i % 4]!;
  const server = {
    ...{ 'http.request.method': 'GET', 'http.route': route, 'url.path': route.replace(':id', String(i)) },
    ...{ 'http.response.status_code': i % 50 === 0 ? 500 : 200, 'url.scheme': 'http', 'server.port': 8080 },
    ...{
      'server.address': 'api.internal',
      'network.protocol.version': '1.1',
      'user_agent.original': 'k6/1.0',
    },
    'app.tenant': `tenant-${i % 37}`,
  };
  const client = {
    'db.system.name': 'postgresql',
    'db.query.text': 'SELECT * FROM rooms WHERE id = $1',
    'db.rows': i,
  };
  const child = i % 4 !== 0;
  return {
    kind: 'span',
    ...{ traceId: traceOf(i), spanId: randomBytes(8).toString('hex'), flags: 1 },
    ...(child && { parentSpanId: randomBytes(8).toString('hex') }),
    ...{ name: i % 4 === 3 ? 'SELECT rooms' : `GET ${route}`, spanKind: i % 4 === 3 ? 'client' : 'server' },
    ...{ startTime: now + i / 50, endTime: now + i / 50 + 4.2, attributes: i % 4 === 3 ? client : server },
    ...{ events: [], links: [], status: { code: i % 50 === 0 ? 2 : 0 } },
  };
}

/** Four spans a trace. */
function traceOf(i: number): string {
  if (i % 4 === 0) trace = randomBytes(16).toString('hex');
  return trace;
}

const resource = { attributes: { 'service.name': 'load', 'service.version': '1.0.0', 'host.name': 'one' } };
const scope = { name: 'load', version: '1', attributes: {} };
const bodies = Array.from({ length: BODIES }, (_, i) => {
  const items = Array.from({ length: SPANS }, (_, j) => span(i * SPANS + j, Date.now()));
  return encodeTraces([{ resource, scopes: [{ scope, items }] }]);
});

const dir = await mkdtemp(join(tmpdir(), 'plimsoll-load-'));
const program = join(import.meta.dirname, 'receive.ts');
const pin = process.env['PIN'] === undefined ? [] : ['taskset', '-c', process.env['PIN']];
const [command = '', ...args] = [...pin, process.execPath, '--conditions=plimsoll-source', program, dir];
const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const { http } = JSON.parse((await lines.next()).value as string) as { http: string };

const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
let sent = 0;
let refused = 0;
const took: number[] = [];
function post(body: Uint8Array): Promise<void> {
  const begun = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = { 'Content-Type': 'application/x-protobuf', 'Content-Length': body.length };
  const call = request(`${http}/v1/traces`, { method: 'POST', agent, headers }, response => {
    response.resume().on('end', () => {
      if (response.statusCode === 200) sent += SPANS;
      else refused += 1;
      took.push(performance.now() - begun);
      resolve();
    });
  });
  call.on('error', reject);
  call.end(body);
  return promise;
}

async function run(ms: number): Promise<number> {
  const begun = performance.now();
  const end = begun + ms;
  let next = 0;
  sent = 0;
  took.length = 0;
  await Promise.all(
    Array.from({ length: Number(connections) }, async () => {
      while (performance.now() < end) await post(bodies[next++ % BODIES]!);
    }),
  );
  return (sent / (performance.now() - begun)) * 1000;
}

await run(2000);
const rate = await run(Number(seconds) * 1000);
took.sort((a, b) => a - b);
const at = (q: number) => took[Math.floor(took.length * q)]!.toFixed(0);
console.log(`${Math.round(rate)} spans/s, ${bodies[0]!.length} bytes each ${SPANS}, refused ${refused}`);
console.log(
  `answer after ms: p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} max ${at(0.9999)}; load's cpu ${Math.round(process.cpuUsage().user / 1000)} ms`,
);
child.kill('SIGTERM');
console.log((await lines.next()).value);
agent.destroy();
await rm(dir, { recursive: true, force: true });
