import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { init } from 'plimsoll';
import { startConsole } from '../../src/server.ts';
import { browse, hasChromium, overflows, seriousFaults, shoot } from '../support/browser.ts';
import { tempFolder } from '../support/console.ts';
import { until } from '../support/stage.ts';

const TOKEN = 'a-token-for-this-test';
const SECRET = 'sk-planted-0123456789';

async function listen(t: TestContext, handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A service with both parts on, and a console that knows it. */
async function open(t: TestContext) {
  const root = tempFolder(t);
  mkdirSync(join(root, 'config'), { recursive: true });
  const features = { enable_providers: true, enable_assets: true };
  writeFileSync(join(root, 'config/plimsoll.json'), JSON.stringify({ features }));
  let handler: RequestListener = (_req, res) => res.writeHead(503).end();
  const url = await listen(t, (req, res) => handler(req, res));
  const started = await startConsole({
    ...{ dir: tempFolder(t), port: 0, otlpHttpPort: 0, otlpGrpcPort: 0, healthIntervalMs: 500 },
    targets: { studio: { url, token: TOKEN } },
  });
  t.after(() => started.close());
  const obs = await init({
    ...{ service: 'studio', env: 'development', runtimeRoot: root, log: { stdout: false } },
    ops: { adminToken: [TOKEN] },
    otlp: { endpoint: started.otlpHttp },
  });
  t.after(() => obs.close());
  handler = obs.handler((_req, res) => res.writeHead(404).end()) as RequestListener;
  obs.trace.start('hello').end();
  return { obs, root, watched: await browse(t, started.url) };
}

test('the panels of providers and of assets, over a running service', { timeout: 240_000 }, async t => {
  if (!hasChromium(t)) return;
  const { obs, root, watched } = await open(t);
  let polls = 0;
  const remote = await listen(t, async (req, res) => {
    if (req.url === '/fine/models') polls += 1;
    if (req.url?.startsWith('/slow')) await sleep(80);
    const status = req.url?.startsWith('/closed') ? 401 : 200;
    const body = req.url?.endsWith('/credits')
      ? { credits_remaining: 12.5, credits_total: 50, currency: 'EUR' }
      : {};
    res.writeHead(status, {
      'content-type': 'application/json',
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '59',
    });
    res.end(JSON.stringify(body));
  });
  const config = { api_key: SECRET, headers: { 'X-Key': SECRET } };
  await obs.providers.register({ id: 'fine', service: 'openai', base_url: `${remote}/fine`, config });
  await obs.providers.register({ id: 'slow', base_url: `${remote}/slow`, warn_ms: 50 });
  await obs.providers.register({ id: 'closed', base_url: `${remote}/closed` });
  await obs.providers.register({ id: 'idle', base_url: remote, active: false });

  await t.test(
    'providers are green, amber, red and grey, with usage, error and time, and their config is masked',
    async () => {
      const page = await watched.open('/integrations');
      const status = (id: string) =>
        page.locator('tr', { has: page.getByRole('button', { name: id, exact: true }) });
      await status('fine').getByText('healthy').waitFor();
      for (const [id, level] of [
        ['fine', 'ok'],
        ['slow', 'warn'],
        ['closed', 'error'],
        ['idle', 'unknown'],
      ] as const) {
        assert.equal(await status(id).locator('.provider-status').getAttribute('data-level'), level, id);
      }
      const dots = `[...document.querySelectorAll('.provider-status')].map(
        one => getComputedStyle(one, '::before').backgroundColor)`;
      assert.equal(new Set((await page.evaluate(dots)) as string[]).size, 4);
      await status('fine').getByText('12.5 of 50 EUR').waitFor();
      assert.match((await status('slow').textContent()) ?? '', /latency \d+ ms/);
      assert.match((await status('closed').textContent()) ?? '', /credentials rejected \d\d \w+ \d\d:\d\d/);
      await page.getByRole('button', { name: 'fine', exact: true }).click();
      const masked = page.getByRole('region', { name: 'Config, masked' });
      assert.match((await masked.textContent()) ?? '', /api_key: "\*{8}"/);
      assert.match(
        (await page.getByRole('region', { name: 'Rate limits' }).textContent()) ?? '',
        /remaining: 59/,
      );
      assert.ok(!(await page.content()).includes(SECRET));
      assert.deepEqual(await seriousFaults(page), []);
      await shoot(page, 'integrations');
    },
  );

  await t.test(
    'it asks again every 15 seconds, at once by hand, and not while the switch is off',
    async () => {
      const page = await watched.open('/integrations');
      await page.getByText('healthy').first().waitFor();
      await page.clock.install();
      await page.reload();
      await page.getByText('healthy').first().waitFor();
      const first = polls;
      await page.clock.fastForward(15_000);
      for (let n = 0; n < 100 && polls === first; n++) await sleep(20);
      assert.equal(polls, first + 1);
      await page.getByRole('switch', { name: 'Refresh every 15 s' }).click();
      await page.clock.fastForward(60_000);
      await page.getByRole('button', { name: 'Refresh', exact: true }).click();
      for (let n = 0; n < 100 && polls === first + 1; n++) await sleep(20);
      assert.equal(polls, first + 2);
      await page.close();
    },
  );

  await t.test('assets are filtered, shown with their sidecar, downloaded, audited and mended', async () => {
    const put = (name: string, metadata: Record<string, unknown>) =>
      obs.assets.upload([Buffer.from(name)] as never, { filename: name, asset_type: 'notes', metadata });
    await put('cat.txt', { tags: ['Animal'], license: 'MIT' });
    await put('dog.txt', { tags: ['Animal', 'big'], license: 'CC0' });
    await put('car.txt', {});
    const page = await watched.open('/assets');
    const rows = (n: number) => until(page, `document.querySelectorAll('.assets tbody tr').length === ${n}`);
    await rows(3);
    await page.getByLabel('Tags').fill('animal');
    await rows(2);
    await page.getByLabel('Licences').fill('cc0,none');
    await rows(1);
    await page.getByRole('button', { name: /^Sidecar of/ }).click();
    const sidecar = page.getByRole('region', { name: /^Sidecar of/ });
    assert.match((await sidecar.textContent()) ?? '', /path: "notes\/dog.txt"/);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download notes/dog.txt' }).click(),
    ]);
    assert.deepEqual(
      [file.suggestedFilename(), readFileSync(await file.path(), 'utf8')],
      ['dog.txt', 'dog.txt'],
    );
    rmSync(join(root, 'data/assets/notes/car.txt.asset.json'));
    await page.getByRole('button', { name: 'Look, write nothing' }).click();
    await page.getByText('1 sidecar is missing').waitFor();
    await page.getByText(/has no tags and no license/).waitFor();
    await shoot(page, 'assets');
    await page.getByRole('button', { name: 'Write what is missing' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Write', exact: true }).click();
    await page.getByText('No sidecar is missing').waitFor();
    assert.deepEqual(await seriousFaults(page), []);
  });

  await t.test('both hold on a phone, in light', async () => {
    for (const path of ['/integrations', '/assets']) {
      const page = await watched.open(path, { phone: true, theme: 'light' });
      await page.locator('tbody tr').first().waitFor();
      assert.equal(await overflows(page), false, path);
      assert.deepEqual(await seriousFaults(page), []);
      await shoot(page, `${path.slice(1)}-phone-light`);
    }
  });
  assert.deepEqual(watched.faults, []);
});
