import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { sendShop } from './otlp.ts';
import { project, start, startConsole } from './support.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a console ends well on ${signal}, keeps what it took, and shows it the next time`, async t => {
    const first = await startConsole(t);
    await sendShop(first.otlp, Date.now());
    assert.ok(existsSync(join(first.cwd, '.plimsoll/console')));
    first.child.kill(signal);
    assert.equal((await first.ended).code, 0);
    assert.ok(!existsSync(join(first.cwd, '.plimsoll/console.json')));
    const { cwd } = await startConsole(t, { cwd: first.cwd });
    const { out } = await start(t, ['traces'], { cwd }).ended;
    assert.match(out, /GET \/cart\/:id/);
  });
}

test('a taken port falls back to a free one, says so, and is still found by the CLI', async t => {
  const taken = createServer();
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as { port: number };
  const words = ['--port', String(port), '--otlp-http-port', String(port), '--otlp-grpc-port', String(port)];
  const console = await startConsole(t, { words });
  // The page and both ways in say so themselves.
  const said = console.err().matchAll(new RegExp(`PLIMSOLL_PORT_TAKEN .*: ${port}; listening at http`, 'g'));
  assert.equal([...said].length, 3);
  assert.equal((await start(t, ['stats'], { cwd: console.cwd }).ended).code, 0);
});

test('a second console of one project has a folder of its own', async t => {
  const first = await startConsole(t);
  const second = await startConsole(t, { cwd: first.cwd });
  assert.match(second.err(), /Another console writes .*console, so this one writes .*console-2\./);
  assert.equal((await start(t, ['stats', '--console', first.url], { cwd: first.cwd }).ended).code, 0);
  assert.equal((await start(t, ['stats', '--console', second.url], { cwd: first.cwd }).ended).code, 0);
});

test('what it keeps goes to the runtime root, or to --dir', async t => {
  const cwd = project(t);
  await startConsole(t, { cwd, env: { PLIMSOLL_RUNTIME_ROOT: 'var' } });
  assert.ok(existsSync(join(cwd, 'var/console')));
  await startConsole(t, { cwd, words: ['--dir', 'elsewhere'] });
  assert.ok(existsSync(join(cwd, 'elsewhere')));
});

test('a port that is none, and a host beyond loopback without a token, are refused', async t => {
  const cwd = project(t);
  const flag = await start(t, ['console', '--port', '70000'], { cwd }).ended;
  assert.deepEqual([flag.code, flag.err], [2, '--port is not a port, a number from 0 to 65535: 70000\n']);
  const variable = await start(t, ['console'], { cwd, env: { PLIMSOLL_OTLP_HTTP_PORT: 'http' } }).ended;
  assert.equal(variable.code, 2);
  assert.match(variable.err, /^PLIMSOLL_OTLP_HTTP_PORT is not a port/);
  const exposed = await start(t, ['console', '--host', '0.0.0.0'], { cwd }).ended;
  assert.equal(exposed.code, 1);
  assert.match(exposed.err, /^The console can't start: .*beyond loopback/);
});
