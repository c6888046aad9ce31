import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../test/support/free-port.ts';
import { get, type Service, start } from './drain/service.ts';

const HOW = 'apt install haproxy';
/** A check every 100 ms: noticed well within the delay, on a busy machine too. */
const BACKEND = {
  ...{ OBS_DRAIN_DELAY_MS: '2000', WORK_MS: '20', LOG_SAMPLING_RATE_INFO: '0' },
  OBS_ADMIN_TOKEN: 'drain-test',
};
const TOKEN = { 'x-admin-token': BACKEND.OBS_ADMIN_TOKEN };
const CLIENTS = 32;

test('behind HAProxy a rolling restart under load costs no request: every answer is 200', async t => {
  if (spawnSync('haproxy', ['-v']).status !== 0) {
    if (process.env['PLIMSOLL_TEST_REQUIRE'] === 'all') throw new Error(HOW);
    t.skip(HOW);
    return;
  }
  const [front, ...ports] = [await freePort(), await freePort(), await freePort()] as const;
  const backends = await Promise.all(ports.map(port => start({ ...BACKEND, PORT: String(port) })));
  await startHaproxy(t, front, ports);
  await eventually(async () => (await get(front)).status === 200);

  const load = startLoad(front);
  await eventually(async () => load.total > 1000);
  for (const [at, port] of ports.entries()) {
    await restart(backends, at, port);
    // The next one leaves only when this one is trusted again, as a rolling restart goes.
    await eventually(async () => requestsOf(await get(port, '/metrics', new Agent(), TOKEN)) > 100);
  }
  const { answers, errors } = await load.stop();
  assert.deepEqual(errors, []);
  assert.deepEqual([...answers.keys()], [200]);
  t.diagnostic(`${answers.get(200)} answers, all of them 200, over two restarts`);
});

async function restart(backends: Service[], at: number, port: number): Promise<void> {
  const old = backends[at]!;
  old.child.kill('SIGTERM');
  assert.deepEqual(await old.ended, [null, 'SIGTERM']);
  assert.deepEqual(old.steps(), ['ready', 'delay', 'stop', 'finish', 'flush']);
  assert.equal(
    old.lines.find(line => line['timed_out']),
    undefined,
  );
  backends[at] = await start({ ...BACKEND, PORT: String(port) });
}

interface Load {
  readonly total: number;
  stop(): Promise<{ answers: Map<number, number>; errors: string[] }>;
}

/** Clients that ask again as soon as they have an answer, each on a connection that it keeps. */
function startLoad(port: number): Load {
  const answers = new Map<number, number>();
  const errors: string[] = [];
  let total = 0;
  let running = true;
  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (running) {
      try {
        const { status } = await get(port, '/', agent);
        answers.set(status, (answers.get(status) ?? 0) + 1);
        total += 1;
      } catch (error) {
        errors.push(String(error));
      }
    }
    agent.destroy();
  };
  const clients = Array.from({ length: CLIENTS }, client);
  return {
    get total() {
      return total;
    },
    async stop() {
      running = false;
      await Promise.all(clients);
      return { answers, errors };
    },
  };
}

/** No retry and no redispatch: whatever a backend does wrong reaches the client. */
async function startHaproxy(t: TestContext, front: number, ports: readonly number[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-haproxy-'));
  const config = join(folder, 'haproxy.cfg');
  await writeFile(
    config,
    `defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout check 2s
frontend front
  bind 127.0.0.1:${front}
  default_backend service
backend service
  balance roundrobin
  option httpchk GET /health/ready
  http-check expect status 200
  default-server check inter 100ms fall 1 rise 1
${ports.map((port, n) => `  server s${n} 127.0.0.1:${port}`).join('\n')}
`,
  );
  const child = spawn('haproxy', ['-db', '-f', config], { stdio: 'ignore' });
  t.after(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
}

function requestsOf({ body }: { body: string }): number {
  return Number(/^http_requests_total\{.*status="200".*\} (\d+)/m.exec(body)?.[1] ?? 0);
}

async function eventually(what: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    if (await what().catch(() => false)) return;
  }
  throw new Error(`never true: ${what}`);
}
