import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startConsole } from '../../src/server.ts';
import { browse, hasChromium, overflows, seriousFaults, shoot } from '../support/browser.ts';
import { tempFolder } from '../support/console.ts';

const PROGRAM = join(import.meta.dirname, '../support/programs/crashing.ts');

/** The crashing service in a process of its own; gives its address. */
function runService(t: TestContext, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', PROGRAM], {
    env: { PATH: process.env['PATH'] ?? '', OBS_ADMIN_TOKEN: 'a-token-for-this-test', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(
    () =>
      new Promise<void>(done => {
        if (child.exitCode !== null) return done();
        child.once('exit', () => done());
        child.kill();
      }),
  );
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', text => {
      const url = /listens on (\S+)/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', code => reject(new Error(`it ended with ${code}`)));
  });
}

test('the dumps of a running service are grouped, and each tells all it knows', {
  timeout: 240_000,
}, async t => {
  if (!hasChromium(t)) return;
  const root = tempFolder(t);
  const started = await startConsole({
    ...{ dir: tempFolder(t), port: 0, otlpHttpPort: 0, otlpGrpcPort: 0, healthIntervalMs: 500 },
  });
  t.after(() => started.close());
  const shop = await runService(t, {
    PLIMSOLL_RUNTIME_ROOT: root,
    OBS_CRASH_INTERVAL_MS: '0',
    OBS_OPS_ANNOUNCE: started.announceUrl,
    OTEL_EXPORTER_OTLP_ENDPOINT: started.otlpHttp,
  });
  for (const order of [1, 1, 1, 2]) assert.equal((await fetch(`${shop}/orders/${order}`)).status, 500);
  const watched = await browse(t, started.url);

  await t.test('equal crashes are one row, with how often and when', async () => {
    const page = await watched.open('/crashes?service=crashing-shop');
    const row = page.getByRole('row', { name: /TypeError an order could not be shipped/ });
    await row.waitFor();
    assert.equal(await page.getByRole('row').count(), 4);
    assert.equal(await row.getByRole('cell').nth(1).textContent(), '3');
    assert.match((await row.textContent()) ?? '', /\/orders\/:id.*request/);
    assert.deepEqual(await seriousFaults(page), []);
    await shoot(page, 'crashes');
  });

  await t.test(
    'a dump shows its frames, cause, lines and spans, and leads to the trace and the request',
    async () => {
      const page = await watched.open('/crashes?service=crashing-shop');
      await page.getByRole('link', { name: /an order could not be shipped/ }).click();
      await page.getByRole('heading', { name: 'TypeError', exact: true }).waitFor();
      const frames = page.getByRole('list', { name: 'Stack', exact: true });
      assert.match(
        (await frames.textContent()) ?? '',
        /ship<repo>\/packages\/console\/test\/support\/programs\/crashing\.ts:\d+/,
      );
      const own = await frames.getByRole('listitem').count();
      await page
        .getByRole('button', { name: /of Node and of dependencies/ })
        .first()
        .click();
      assert.ok((await frames.getByRole('listitem').count()) > own);
      await page.getByRole('heading', { name: /Caused by RangeError: no hat of size 58/ }).waitFor();
      const lines = page.getByRole('region', { name: 'Lines before it' });
      assert.match((await lines.textContent()) ?? '', /nothing_left.*http_request_error/);
      await page.getByRole('link', { name: 'look up stock' }).first().waitFor();
      assert.equal(await page.getByRole('heading', { name: 'The same crash at other times' }).count(), 1);
      assert.match(
        (await page.locator('.facts').textContent()) ?? '',
        new RegExp(`${root}/logs/crash/crash-`),
      );
      assert.deepEqual(await seriousFaults(page), []);
      await shoot(page, 'crash');
      const trace = await page.getByRole('link', { name: /^[0-9a-f]{16}…$/ }).getAttribute('href');
      assert.match(trace ?? '', /^\/traces\/[0-9a-f]{32}/);
      const request = await page.locator('.facts a[href^="/logs"]').getAttribute('href');
      assert.match(request ?? '', /requestId=/);
      await page.getByRole('link', { name: /^[0-9a-f]{16}…$/ }).click();
      await page.getByText('look up stock').first().waitFor();
    },
  );

  await t.test('what the app reported shows its context, without the secret in it', async () => {
    const page = await watched.open('/crashes?service=crashing-shop');
    await page.getByRole('link', { name: /a plugin did not start/ }).click();
    const context = page.getByRole('region', { name: 'Context' });
    assert.match(
      (await context.textContent()) ?? '',
      /plugin: "asset_sync".*password: "\[redacted\]"|password: "\[redacted\]".*plugin: "asset_sync"/,
    );
    assert.equal(await page.getByText('hunter2').count(), 0);
  });

  await t.test('it holds on a phone, in light', async () => {
    const [name] = readdirSync(join(root, 'logs/crash')).filter(one => one.startsWith('crash-'));
    for (const path of ['/crashes', `/crashes/${name?.replace('.json', '')}`]) {
      const page = await watched.open(`${path}?service=crashing-shop`, { phone: true, theme: 'light' });
      await page.locator('.crashes .card').first().waitFor();
      assert.equal(await overflows(page), false);
      assert.deepEqual(await seriousFaults(page), []);
      await shoot(page, `crashes-phone-light${path === '/crashes' ? '' : '-dump'}`);
    }
  });
  assert.deepEqual(watched.faults, []);
});
