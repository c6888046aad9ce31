import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { project, start, startConsole } from './support.ts';

test('a file names services elsewhere, with tokens of their own', async t => {
  const seen: (string | undefined)[] = [];
  const service = createServer((req, res) => {
    seen.push(req.headers['x-admin-token'] as string | undefined);
    res.setHeader('content-type', 'application/json').end('{"service":"orders","routes":[]}');
  });
  await new Promise<void>(done => service.listen(0, '127.0.0.1', done));
  t.after(() => service.close());
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const cwd = project(t);
  writeFileSync(join(cwd, 'token'), 'of-orders\n');
  writeFileSync(
    join(cwd, 'targets.json'),
    JSON.stringify({ orders: { url, tokenFile: join(cwd, 'token') }, open: { url } }),
  );
  const console = await startConsole(t, {
    cwd,
    env: { PLIMSOLL_CONSOLE_TARGETS: join(cwd, 'targets.json') },
  });
  for (const name of ['orders', 'open']) {
    assert.equal((await fetch(`${console.url}/api/console/ops/${name}/ops/x`)).status, 200);
  }
  assert.deepEqual([seen.at(0), seen.at(-1)], ['of-orders', undefined]);
});

test('a file of services that can’t be used is said in words, without what is in it', async t => {
  const cwd = project(t);
  const run = async (text: string) => {
    const path = join(cwd, 'targets.json');
    writeFileSync(path, text);
    return start(t, ['console'], { cwd, env: { PLIMSOLL_CONSOLE_TARGETS: path } }).ended;
  };
  const broken = await run('{"a": "secret');
  assert.equal(broken.code, 1);
  assert.match(broken.err, /targets\.json is not a JSON object of services/);
  assert.doesNotMatch(broken.err, /secret/);
  assert.match((await run('{"a": {"token": "secret"}}')).err, /a has no url/);
  assert.match(
    (await run('{"a": {"url": "ftp://x", "token": "secret"}}')).err,
    /address of a service is not an http/,
  );
});
