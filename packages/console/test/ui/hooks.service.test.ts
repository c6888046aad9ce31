import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../../../../test/support/free-port.ts';
import { startConsole } from '../../src/server.ts';
import { browse, hasChromium, overflows, seriousFaults, shoot } from '../support/browser.ts';
import { tempFolder } from '../support/console.ts';
import { HOOKS_TOKEN, hooksService } from '../support/hooks-service.ts';

test('the panel Hooks shows a running service: catalogue, live stream, webhooks, dead letters, plugins', {
  timeout: 240_000,
}, async t => {
  if (!hasChromium(t)) return;
  const port = await freePort();
  const started = await startConsole({
    ...{ dir: tempFolder(t), port: 0, otlpHttpPort: 0, otlpGrpcPort: 0, healthIntervalMs: 500 },
    targets: { hooked: { url: `http://127.0.0.1:${port}`, token: HOOKS_TOKEN } },
  });
  t.after(() => started.close());
  const { obs, got, answer } = await hooksService(t, { endpoint: started.otlpHttp, port });
  const watched = await browse(t, started.url);

  await t.test('a hook that is raised appears at once, through the socket of the console', async () => {
    const page = await watched.open('/hooks');
    await page.getByText('live', { exact: true }).waitFor();
    obs.hooks.emit('on_scene_enter', { scene_id: 'harbour', node: 'dawn' });
    const live = page.getByRole('region', { name: 'Live hooks' });
    await live.getByText('"harbour"').waitFor();
    await page.getByRole('button', { name: 'Raise on_weather_changed' }).click();
    await live.getByText('on_weather_changed').waitFor();
    await page.getByLabel('Hook to follow').selectOption('on_asset_saved');
    await page.getByText('Nothing was raised since this page was opened.').waitFor();
    // The stream hears of the choice a moment after the page shows it, so one is raised until it came.
    const saved = live.getByText('mods/hero.png').first();
    while (!(await saved.isVisible())) {
      obs.hooks.emit('on_asset_saved', { uid: 'a-1', path: 'mods/hero.png' });
      await page.waitForTimeout(100);
    }
    obs.hooks.emit('on_scene_enter', { scene_id: 'harbour' });
    obs.hooks.emit('on_asset_saved', { uid: 'a-2', path: 'mods/villain.png' });
    await live.getByText('mods/villain.png').waitFor();
    assert.equal(await live.getByText('on_scene_enter').count(), 0);
    assert.equal(await live.getByText('a-2').count(), 1);
  });

  await t.test(
    'a delivery that failed is a dead letter with its reason, and a click delivers it again',
    async () => {
      obs.hooks.emit('on_asset_removed', { uid: 'gone-1' });
      const page = await watched.open('/hooks');
      await page.getByText('exhausted: status_500').waitFor();
      await page.getByRole('region', { name: 'Deliveries' }).getByText('status_500').waitFor();
      await shoot(page, 'hooks');
      answer(204);
      await page.getByRole('button', { name: /^Replay evt_/ }).click();
      await page.getByText('1 delivery goes out again').waitFor();
      await page.getByText('Nothing was given up.').waitFor();
      await page.getByRole('region', { name: 'Deliveries' }).getByText('204').waitFor();
      assert.deepEqual(
        got.map(body => JSON.parse(body).data.uid),
        ['gone-1', 'gone-1'],
      );
    },
  );

  await t.test('a webhook is added and removed, and what is wrong with one is said', async () => {
    const page = await watched.open('/hooks');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a webhook' });
    await dialog.getByLabel('URL').fill('http://169.254.169.254/latest');
    await dialog.getByRole('textbox', { name: 'Secret' }).fill('another-secret');
    await shoot(page, 'hooks-add');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await page.getByText('webhook url not allowed').waitFor();
    await dialog.getByLabel('URL').fill('https://example.com/hook');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await page.getByText('The webhook is registered').waitFor();
    const remove = page.getByRole('button', { name: 'Remove on_scene_enter https://example.com/hook' });
    await remove.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The webhook is removed').waitFor();
    await remove.waitFor({ state: 'detached' });
    assert.equal(obs.hooks.webhooks().length, 1);
  });

  await t.test('what became of each plugin is there', async () => {
    for (let i = 0; i < 8; i++) obs.hooks.emit('on_scene_enter', { node: 'x' });
    const page = await watched.open('/hooks');
    const plugins = page.getByRole('region', { name: 'Plugins' });
    await plugins.getByText('good.mjs').waitFor();
    await plugins.getByText('stopped').waitFor();
    await plugins.getByText('plugin trouble').waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await plugins.scrollIntoViewIfNeeded();
    await shoot(page, 'hooks-plugins');
  });

  await t.test('it holds on a phone, in light', async () => {
    const page = await watched.open('/hooks', { phone: true, theme: 'light' });
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Plugins' }).waitFor();
    assert.equal(await overflows(page), false);
    assert.deepEqual(await seriousFaults(page), []);
    await shoot(page, 'hooks-phone-light');
  });
  // The one refusal that was asked for; a browser tells every answer over 399.
  const refusal = '/hooks: Failed to load resource: the server responded with a status of 400 (Bad Request)';
  assert.deepEqual(watched.faults, [refusal]);
});
