import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { hasChromium, overflows, seriousFaults, shoot } from '../support/browser.ts';
import { stage, until } from '../support/stage.ts';

test('what a service’s ops API offers is used from the page, with its token and after a question', {
  timeout: 240_000,
}, async t => {
  if (!hasChromium(t)) return;
  const { watched, url } = await stage(t);
  const level = async () => {
    const response = await fetch(`${url}/api/console/ops/divan-api/ops/log-level`);
    return ((await response.json()) as { level: string }).level;
  };

  await t.test('a switch changes the log level of the running service, and a toast says so', async () => {
    const page = await watched.open('/operations');
    const debug = page.getByRole('switch', { name: 'Debug lines' });
    await debug.waitFor();
    assert.equal(await debug.getAttribute('aria-checked'), 'false');
    await debug.click();
    await page.getByText('divan-api logs from debug on').waitFor();
    assert.equal(await debug.getAttribute('aria-checked'), 'true');
    assert.equal(await level(), 'debug');
    await page.getByLabel('From').selectOption('info');
    await page.getByText('divan-api logs from info on').waitFor();
    assert.equal(await level(), 'info');
    await shoot(page, 'operations');
  });

  await t.test('a route is read as a tree, saved as a file, and run only after a yes', async () => {
    const page = await watched.open('/operations?service=divan-api');
    await page.getByRole('button', { name: 'Read /ops/log-level' }).click();
    const tree = page.getByRole('region', { name: 'Answer of /ops/log-level' });
    assert.match((await tree.textContent()) ?? '', /level: "info"/);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save /metrics' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'divan-api-metrics.txt');
    assert.match(readFileSync(await file.path(), 'utf8'), /# TYPE divan_http_requests_total/);
    const run = page.getByRole('button', { name: /^Run / }).first();
    await run.click();
    const dialog = page.getByRole('dialog', { name: 'Run this?' });
    await shoot(page, 'operations-confirm');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await run.click();
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.getByText(/is done$/).count(), 0);
    await run.click();
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText(/is done$/).waitFor();
    assert.match((await page.locator('.shown').textContent()) ?? '', /status: "ok"/);
    assert.deepEqual(await seriousFaults(page), []);
  });

  await t.test('a service that offers nothing greys the panel, which says what to do', async () => {
    const page = await watched.open('/operations?service=shop');
    await page.getByRole('heading', { name: 'No ops API is known of shop' }).waitFor();
    await until(page, `document.querySelector('.rail a[href^="/operations"]').dataset.missing === 'true'`);
    await page.getByRole('combobox', { name: 'Service' }).selectOption('divan-api');
    await page.getByRole('switch', { name: 'Debug lines' }).waitFor();
    const missing = (panel: string) => page.locator(`.rail a[href^="${panel}"][data-missing]`).count();
    assert.deepEqual([await missing('/operations'), await missing('/flags')], [0, 0]);
    assert.equal(await missing('/hooks'), 1, 'divan has no hook bus');
  });

  await t.test('it holds on a phone, in light', async () => {
    const page = await watched.open('/operations', { phone: true, theme: 'light' });
    await page.getByRole('switch', { name: 'Debug lines' }).waitFor();
    assert.equal(await overflows(page), false);
    assert.deepEqual(await seriousFaults(page), []);
    await shoot(page, 'operations-phone-light');
  });
  assert.deepEqual(watched.faults, []);
});
