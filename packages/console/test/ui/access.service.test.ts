import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startConsole } from '../../src/server.ts';
import { browse, hasChromium, overflows, seriousFaults, shoot } from '../support/browser.ts';
import { tempFolder } from '../support/console.ts';
import { A, B, stage } from '../support/stage.ts';

test('every view can be read by everyone', { timeout: 240_000 }, async t => {
  if (!hasChromium(t)) return;
  const { watched } = await stage(t);
  const { open } = watched;

  const views = [
    '/',
    '/traces',
    `/traces/${B}?span=${'1'.padStart(16, '0')}`,
    `/traces/compare?a=${A}&b=${B}`,
  ];
  views.push('/traces/ranges', '/logs', '/metrics?name=divan_http_request_duration_seconds', '/nowhere');
  for (const view of views) {
    await t.test(`${view} has no serious fault for axe, dark and light, and fits a phone`, async () => {
      for (const theme of ['dark', 'light'] as const) {
        const page = await open(view, { theme });
        await page.locator('main h1, main h2').first().waitFor({ state: 'attached' });
        await page.waitForLoadState('networkidle');
        assert.deepEqual(await seriousFaults(page), []);
        await page.context().close();
      }
      const page = await open(view, { phone: true });
      await page.locator('main h1, main h2').first().waitFor({ state: 'attached' });
      await page.waitForLoadState('networkidle');
      assert.equal(await overflows(page), false);
      assert.deepEqual(await seriousFaults(page), []);
      await shoot(page, `phone${view.replace(/\W+/g, '-')}`.slice(0, 40));
      await page.context().close();
    });
  }

  assert.deepEqual(watched.faults, []);
});

test('a console with a token lets a person in by it', { timeout: 60_000 }, async t => {
  if (!hasChromium(t)) return;
  const options = { dir: tempFolder(t), port: 0, otlpHttpPort: 0, otlpGrpcPort: 0, token: 'open-sesame-42' };
  const started = await startConsole(options);
  t.after(() => started.close());
  const { open } = await browse(t, started.url);
  const page = await open('/');
  await page.getByLabel('Console token').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page
    .getByRole('alert')
    .getByText(/printed the token/)
    .waitFor();
  await page.getByLabel('Console token').fill('open-sesame-42');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('No service has reported yet').waitFor();
  assert.deepEqual(await seriousFaults(page), []);
  assert.equal(await page.evaluate('document.cookie'), '');
});
