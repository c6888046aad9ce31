import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folder } from './support.ts';

const ENTRY = fileURLToPath(new URL('../src/start.ts', import.meta.url));
const OURS = /^(NODE_ENV|ENV|APP_ENV|ENVIRONMENT|(OBS|PLIMSOLL|LOG|COMFYVN)_.*)$/;

interface Started {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  err(): string;
  out(): string;
}

/** As `npm run example:studio` does it, without the variables that would say where this test runs. */
function start(t: TestContext, env: Record<string, string>): Started {
  const rest = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', ENTRY], {
    env: { ...rest, PLIMSOLL_RUNTIME_ROOT: folder(t), ...env },
    cwd: folder(t),
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
  test(`studio answers what it prints on a free port, and stops cleanly on ${signal}`, async t => {
    const started = start(t, { PORT: '0' });
    const origin = await originOf(started);
    const token = /made up for this run: (\S+)/.exec(started.err())?.[1];
    assert.ok(token);
    assert.equal((await fetch(`${origin}/health`)).status, 200);
    assert.equal((await fetch(`${origin}/ops/`, { headers: { 'X-Admin-Token': token } })).status, 200);
    const form = new FormData();
    form.set('file', new Blob(['{}']), 'scene.json');
    const writes = /writes assets, made up for this run: (\S+)/.exec(started.err())?.[1];
    const headers = { authorization: `Bearer ${writes}` };
    assert.equal(
      (await fetch(`${origin}/assets/upload`, { method: 'POST', headers, body: form })).status,
      200,
    );
    const body = JSON.stringify({ vars: { score: 3 }, node_pointer: 'ending', seed: 7 });
    assert.equal((await fetch(`${origin}/api/save/phase4`, { method: 'POST', body })).status, 200);
    const list = (await (await fetch(`${origin}/api/save/list`)).json()) as { slots: { slot: string }[] };
    assert.equal(list.slots[0]?.slot, 'phase4');
    started.child.kill(signal);
    assert.equal(await started.exit, 0);
    for (const line of started.out().split('\n').filter(Boolean))
      assert.equal(typeof JSON.parse(line), 'object');
  });
}

test('studio is up in under two seconds of its own processor time', async t => {
  const started = start(t, { PORT: '0' });
  const origin = await originOf(started);
  const metrics = await fetch(`${origin}/metrics`, {
    headers: { 'X-Admin-Token': /made up for this run: (\S+)/.exec(started.err())?.[1] ?? '' },
  });
  const used = /^process_cpu_seconds_total (\S+)/m.exec(await metrics.text())?.[1];
  assert.ok(Number(used) < 2, `it took ${used} s`);
});

test('a taken port is named, with the way out', async t => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const started = start(t, { PORT: String(port) });
  assert.equal(await started.exit, 1);
  assert.match(started.err(), new RegExp(`Port ${port} is taken.*PORT=${port + 1} npm run example:studio`));
});

test('a PORT that is none is refused', async t => {
  const started = start(t, { PORT: 'http' });
  assert.equal(await started.exit, 1);
  assert.match(started.err(), /PORT is not a number/);
});

test('a given token is not printed', async t => {
  const given = 'given-by-me-0123456789';
  const started = start(t, { PORT: '0', OBS_ADMIN_TOKEN: given, OBS_ASSETS_TOKEN: `${given}-too` });
  await originOf(started);
  assert.ok(!started.err().includes('given-by-me'));
});
