import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../src/start.ts', import.meta.url));

interface Started {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  err(): string;
  out(): string;
}

/** As `npm start` does it, without the variables that would say where this test runs. */
function start(t: TestContext, env: Record<string, string>, ...args: string[]): Started {
  const { NODE_ENV, ENV, APP_ENV, ENVIRONMENT, OBS_ENV, OBS_ADMIN_TOKEN, DATABASE_URL, ...rest } =
    process.env;
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', ENTRY, ...args], {
    env: { ...rest, ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', chunk => {
    out += chunk;
  });
  child.stderr.on('data', chunk => {
    err += chunk;
  });
  t.after(() => child.kill('SIGKILL'));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, exit, err: () => err, out: () => out };
}

async function originOf({ err, exit }: Started): Promise<string> {
  let ended = false;
  exit.then(() => {
    ended = true;
  });
  while (!ended) {
    const origin = /Try:\n[^\n]*(http:\/\/127\.0\.0\.1:\d+)/.exec(err())?.[1];
    if (origin) return origin;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  assert.fail(`it ended: ${err()}`);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`npm start answers what it prints, and stops cleanly on ${signal}`, async t => {
    const started = start(t, { PORT: '0' }, '--no-traffic');
    const origin = await originOf(started);
    const token = /made up for this run: (\S+)/.exec(started.err())?.[1];
    assert.ok(token);
    assert.equal((await fetch(`${origin}/health/ready`)).status, 200);
    const metrics = await fetch(`${origin}/metrics`, { headers: { 'X-Admin-Token': token } });
    assert.match(await metrics.text(), /# TYPE divan_chat_send_total counter/);
    const headers = { 'content-type': 'application/json', 'X-User-Id': 'u-1', 'X-Campus-Id': 'c-1' };
    const body = JSON.stringify({ to_user_id: 'u-2', body: 'see you at six' });
    assert.equal((await fetch(`${origin}/chat/messages`, { method: 'POST', headers, body })).status, 201);
    started.child.kill(signal);
    assert.equal(await started.exit, 0);
    for (const line of started.out().split('\n').filter(Boolean))
      assert.equal(typeof JSON.parse(line), 'object');
  });
}

test('a signal that npm passes on again is no second wish', async t => {
  const started = start(t, { PORT: '0' }, '--no-traffic');
  await originOf(started);
  started.child.kill('SIGINT');
  started.child.kill('SIGINT');
  assert.equal(await started.exit, 0);
  assert.match(started.out(), /drain_step.*"step":"finish"/);
});

test('its own traffic shows in the metrics, and a given token is not printed', async t => {
  const started = start(t, { PORT: '0', OBS_ADMIN_TOKEN: 'given-by-me-0123456789' });
  const origin = await originOf(started);
  const scrape = async () =>
    (await fetch(`${origin}/metrics`, { headers: { 'X-Admin-Token': 'given-by-me-0123456789' } })).text();
  while (!/divan_presence_heartbeats_total\{campus_id="c-1"\} [1-9]/.test(await scrape())) {
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  assert.ok(!started.err().includes('given-by-me'));
  started.child.kill('SIGTERM');
  assert.equal(await started.exit, 0);
});

test('a taken port is named, with the way out', async t => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const started = start(t, { PORT: String(port) });
  assert.equal(await started.exit, 1);
  assert.match(started.err(), new RegExp(`Port ${port} is taken.*PORT=${port + 1} npm start`));
});

test('a PORT that is none is refused', async t => {
  const started = start(t, { PORT: 'http' });
  assert.equal(await started.exit, 1);
  assert.match(started.err(), /PORT is not a number/);
});
