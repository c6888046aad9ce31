import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApi } from '../../src/api/app.ts';
import { listen } from '../../src/api/listen.ts';
import { startConsole } from '../../src/server.ts';
import { runApi, tempFolder } from '../support/console.ts';
import { MemoryStore } from '../support/memory-store.ts';

test('a port that is taken falls back to a free one', async t => {
  const { url } = await runApi(t);
  const api = createApi({ store: new MemoryStore(), pageFolder: '/nonexistent' });
  const second = await listen(api, { host: '127.0.0.1', port: Number(new URL(url).port) });
  t.after(() => second.close());
  assert.notEqual(second.url, url);
  assert.equal((await fetch(`${second.url}/api/console/services`)).status, 200);
});

test('beyond loopback a token is required, and nothing is opened without one', async t => {
  const ports = { port: 0, otlpHttpPort: 0, otlpGrpcPort: 0 };
  for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
    await assert.rejects(startConsole({ dir: tempFolder(t), host, ...ports }), {
      code: 'PLIMSOLL_CONSOLE_EXPOSED',
    });
  }
  const started = await startConsole({ dir: tempFolder(t), host: '0.0.0.0', token: 'a-token', ...ports });
  t.after(() => started.close());
  const services = `http://127.0.0.1:${new URL(started.url).port}/api/console/services`;
  assert.equal((await fetch(services)).status, 401);
  assert.equal((await fetch(services, { headers: { authorization: 'Bearer a-token' } })).status, 200);
  await started.close();
  await started.close();
});

test('a page that is not built says how to build it, and a built one is served for every view', async t => {
  const { url } = await runApi(t);
  const page = await fetch(`${url}/traces/x`);
  assert.equal(page.status, 503);
  assert.match(await page.text(), /npm run build/);
  assert.equal((await fetch(`${url}/assets/../../etc/passwd`)).status, 503);
  assert.equal((await fetch(`${url}/assets/none.js`)).status, 404);
  assert.equal((await fetch(`${url}/`, { method: 'POST' })).status, 404);
});
