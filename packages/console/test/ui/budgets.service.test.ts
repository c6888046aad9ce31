import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startConsole } from '../../src/server.ts';
import { browse, hasChromium, overflows, seriousFaults, shoot } from '../support/browser.ts';
import { tempFolder } from '../support/console.ts';
import { runDivan } from '../support/divan.ts';
import { until } from '../support/stage.ts';

const PATH = '/budgets?service=divan-api';

test('budgets and profiler of a running service', { timeout: 240_000 }, async t => {
  if (!hasChromium(t)) return;
  const folder = tempFolder(t);
  const flags = join(folder, 'flags.json');
  const write = (features: object) => writeFileSync(flags, JSON.stringify({ features }));
  write({});
  const started = await startConsole({
    ...{ dir: join(folder, 'store'), port: 0, otlpHttpPort: 0, otlpGrpcPort: 0, healthIntervalMs: 500 },
  });
  t.after(() => started.close());
  await runDivan(t, started.otlpHttp, {
    ...{ OBS_OPS_ANNOUNCE: started.announceUrl, OBS_CONFIG_FILES: flags, DIVAN_SHED: '1' },
  });
  const watched = await browse(t, started.url);
  const ask = async (path: string, body?: object) => {
    const response = await fetch(`${started.url}/api/console/ops/divan-api/api/perf/${path}`, {
      ...(body && {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  await t.test('while both are off the page says how to turn them on', async () => {
    const page = await watched.open(PATH);
    await page.getByRole('heading', { name: 'Budgets of divan-api are off' }).waitFor();
    await page.getByRole('heading', { name: 'The profiler of divan-api is off' }).waitFor();
    write({ enable_perf: true });
    await page.getByRole('heading', { name: 'Limits' }).waitFor();
  });

  await t.test('limits are edited, and jobs show their state with its reason', async () => {
    for (const job_id of ['cut-1', 'cut-2', 'cut-3']) {
      await ask('budgets/jobs/register', { job_id, job_type: 'render', payload: { perf: { ram_mb: 600 } } });
    }
    await ask('budgets/jobs/start', { job_id: 'cut-1' });
    await ask('budgets/assets/register', { asset_id: 'model', size_mb: 900 });
    const page = await watched.open(PATH);
    const cap = page.getByLabel('Jobs at once');
    await cap.waitFor();
    assert.equal(await cap.inputValue(), '3');
    await cap.fill('1');
    await page.getByLabel('CPU, %').fill('101');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('max_cpu_percent (too_big)').waitFor();
    await page.getByLabel('CPU, %').fill('70');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('The limits are changed').waitFor();
    const { limits } = (await ask('budgets')).body as { limits: Record<string, number> };
    assert.deepEqual([limits['max_running_jobs'], limits['max_cpu_percent']], [1, 70]);
    await ask('budgets/jobs/register', { job_id: 'cut-4' });
    const row = page.getByRole('row', { name: /cut-4/ });
    await row.getByText('job cap reached').waitFor();
    assert.match((await row.textContent()) ?? '', /delayed/);
    await page.getByRole('row', { name: /cut-1/ }).getByText('running').waitFor();
    await page.getByRole('row', { name: /model/ }).getByText('loaded').waitFor();
    await page.getByText(/^\d+ of \d+$/).waitFor();
    await shoot(page, 'budgets');
    await page.getByRole('button', { name: 'Reset' }).click();
    await until(page, `document.querySelector('.limits input').value === '85'`);
  });

  await t.test('top time and memory, and a CPU profile as a flame graph that is gone into', async () => {
    for (const [name, duration_ms, memory_kb] of [
      ['caption', 120, 10],
      ['thumbnail', 30, 4000],
    ] as const) {
      await ask('profiler/span', { name, category: 'publish', duration_ms, memory_kb });
    }
    await ask('profiler/mark', { name: 'warm' });
    const page = await watched.open(PATH);
    const first = (label: string) => page.getByRole('region', { name: label }).locator('tbody tr').first();
    assert.match((await first('Spans by time').textContent()) ?? '', /caption.*120 ms/);
    assert.match((await first('Spans by memory').textContent()) ?? '', /thumbnail/);
    await first('Marks, newest first').getByText('warm').waitFor();
    await page.getByLabel('Seconds').selectOption('1');
    await page.getByRole('button', { name: 'Take a profile' }).click();
    const flame = page.getByRole('group', { name: 'Flame graph' });
    await flame.waitFor();
    const frames = await flame.getByRole('button').count();
    assert.ok(frames > 3, `${frames} frames`);
    await page.getByText(/stacks in 1 s. It held the service up for/).waitFor();
    assert.ok(
      (await page.getByRole('region', { name: 'Functions by their own time' }).locator('tbody tr').count()) >
        0,
    );
    await shoot(page, 'budgets-profile');
    await page
      .locator('.flame')
      .screenshot({ path: join(import.meta.dirname, '../../../../screenshots/console/flame.png') });
    await flame.getByRole('button').nth(1).click();
    await page.getByRole('button', { name: 'Show all' }).click();
    assert.equal(await flame.getByRole('button').count(), frames);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a file' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'divan-api.cpuprofile');
    assert.deepEqual(await seriousFaults(page), []);
  });

  await t.test('it holds on a phone, in light', async () => {
    const page = await watched.open(PATH, { phone: true, theme: 'light' });
    await page.getByRole('heading', { name: 'Limits' }).waitFor();
    await page.getByLabel('Seconds').selectOption('1');
    await page.getByRole('button', { name: 'Take a profile' }).click();
    await page.getByRole('group', { name: 'Flame graph' }).waitFor();
    assert.equal(await overflows(page), false);
    assert.deepEqual(await seriousFaults(page), []);
    await shoot(page, 'budgets-phone-light');
  });
  // A refusal that was asked for is a line of the browser's too.
  assert.deepEqual(
    watched.faults.filter(fault => !fault.includes('422')),
    [],
  );
});
