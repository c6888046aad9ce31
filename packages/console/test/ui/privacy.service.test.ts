import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startConsole } from '../../src/server.ts';
import { browse, hasChromium, overflows, seriousFaults, shoot, type Watched } from '../support/browser.ts';
import { tempFolder } from '../support/console.ts';
import { runDivan } from '../support/divan.ts';

const CONFIG = 'config/plimsoll.json';

interface Scene {
  readonly root: string;
  readonly watched: Watched;
  readonly divan: string;
  config(): Record<string, Record<string, unknown>>;
}

/** A divan with a runtime root of its own, shown by a console, in a browser. */
async function scene(t: TestContext): Promise<Scene> {
  const root = tempFolder(t);
  mkdirSync(join(root, 'config'));
  const bad = { features: { weather: true, odd: 'true' }, mine: [1] };
  writeFileSync(join(root, CONFIG), JSON.stringify(bad, null, 4));
  const started = await startConsole({
    ...{ dir: tempFolder(t), port: 0, otlpHttpPort: 0, otlpGrpcPort: 0, healthIntervalMs: 500 },
  });
  t.after(() => started.close());
  const divan = await runDivan(t, started.otlpHttp, {
    ...{ OBS_OPS_ANNOUNCE: started.announceUrl, PLIMSOLL_RUNTIME_ROOT: root, CI: '', DO_NOT_TRACK: '' },
  });
  const config = () => JSON.parse(readFileSync(join(root, CONFIG), 'utf8'));
  return { root, watched: await browse(t, started.url), divan, config };
}

test('flags and consent of a running service are seen and changed from the page', {
  timeout: 240_000,
}, async t => {
  if (!hasChromium(t)) return;
  const { root, watched, divan, config } = await scene(t);

  await t.test(
    'a switch writes umbrella and older name, a toast says so, and the source follows',
    async () => {
      const page = await watched.open('/flags');
      const umbrella = page.getByRole('switch', { name: 'enable_observability' });
      await umbrella.waitFor();
      assert.equal(await umbrella.getAttribute('aria-checked'), 'false');
      await umbrella.click();
      await page.getByText('enable_observability, enable_privacy_telemetry: on').waitFor();
      const legacy = page.getByRole('switch', { name: 'enable_privacy_telemetry' });
      assert.equal(await legacy.getAttribute('aria-checked'), 'true');
      assert.equal(config()['features']?.['enable_observability'], true);
      assert.equal(config()['features']?.['enable_privacy_telemetry'], true);
      assert.deepEqual(config()['mine'], [1]);
      await page.getByText('Ignored values').waitFor();
      await page.getByText('odd', { exact: true }).first().waitFor();
      assert.equal(await page.locator('tr', { hasText: 'weather' }).getByText(CONFIG).count(), 1);
      assert.deepEqual(await seriousFaults(page), []);
      await shoot(page, 'flags');
    },
  );

  await t.test('a write that fails keeps the old state and shows why; the file stays as it is', async () => {
    const page = await watched.open('/flags');
    const perf = page.getByRole('switch', { name: 'enable_perf', exact: true });
    await perf.waitFor();
    const good = readFileSync(join(root, CONFIG), 'utf8');
    writeFileSync(join(root, CONFIG), '{ broken');
    await perf.click();
    await page.locator('.toast', { hasText: 'config corrupt' }).waitFor();
    assert.equal(await perf.getAttribute('aria-checked'), 'false');
    assert.equal(readFileSync(join(root, CONFIG), 'utf8'), '{ broken');
    await page.getByText(`Not a JSON object: ${CONFIG}`).waitFor();
    await shoot(page, 'flags-corrupt');
    writeFileSync(join(root, CONFIG), good);
    await page.getByText(`Not a JSON object: ${CONFIG}`).waitFor({ state: 'detached' });
  });

  await t.test('consent is given, what would leave is shown, the bundle is saved', async () => {
    const page = await watched.open('/privacy');
    const count = page.getByRole('switch', { name: 'Count usage' });
    await count.click();
    await page.getByText('Consent is stored').first().waitFor();
    await page.getByRole('switch', { name: 'Diagnostics' }).click();
    const save = page.getByRole('button', { name: 'Save diagnostics' });
    await page.locator('.privacy-now', { hasText: 'Diagnosticson' }).waitFor();
    assert.equal(config()['telemetry']?.['diagnostics_opt_in'], true);
    const recorded = await fetch(`${divan}/api/telemetry/events`, {
      method: 'POST',
      body: JSON.stringify({ event: 'page.seen', payload: { asset_id: 'kit.lantern' } }),
    });
    assert.equal(((await recorded.json()) as { recorded: boolean }).recorded, true);
    const batch = page.getByRole('region', { name: 'The batch, to read' });
    await batch.waitFor();
    assert.match((await batch.textContent()) ?? '', /page\.seen/);
    assert.ok(!((await batch.textContent()) ?? '').includes('kit.lantern'));
    await page.getByText('Nothing has ever left this machine.').waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), save.click()]);
    assert.match(file.suggestedFilename(), /^plimsoll-diagnostics-\d{8}_\d{6}-[0-9a-f]{8}\.zip$/);
    assert.deepEqual(await seriousFaults(page), []);
    await shoot(page, 'privacy');
  });

  await t.test('forgetting and withdrawing ask first, and do it', async () => {
    const page = await watched.open('/privacy');
    const secret = () => readFileSync(join(root, 'config/telemetry/anonymizer.json'), 'utf8');
    const before = secret();
    const button = page.getByRole('button', { name: 'Forget everything' });
    await button.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    assert.equal(secret(), before);
    await button.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget', exact: true }).click();
    await page.getByText('Everything is forgotten').waitFor();
    assert.notEqual(secret(), before);
    await page.getByRole('switch', { name: 'Count usage' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await page.locator('.privacy-now', { hasText: 'Countingoff' }).waitFor();
    assert.equal(existsSync(join(root, 'logs/telemetry/usage.json')), false);
  });

  await t.test('both hold on a phone, in light', async () => {
    for (const path of ['/flags', '/privacy']) {
      const page = await watched.open(path, { phone: true, theme: 'light' });
      await page.getByRole('switch').first().waitFor();
      assert.equal(await overflows(page), false, path);
      assert.deepEqual(await seriousFaults(page), []);
      await shoot(page, `${path.slice(1)}-phone-light`);
    }
  });
  assert.deepEqual(
    watched.faults.filter(fault => !fault.includes('409')),
    [],
  );
});
