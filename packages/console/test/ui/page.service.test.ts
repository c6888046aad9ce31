import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { hasChromium, shoot } from '../support/browser.ts';
import { B, ROUTE, stage, until } from '../support/stage.ts';

const search = (page: Page) => new URL(page.url()).searchParams;

test('the page, over a running divan and a service of somebody else', { timeout: 240_000 }, async t => {
  if (!hasChromium(t)) return;
  const { watched, url, divan } = await stage(t);
  const { open } = watched;

  await t.test(
    'the overview shows services, health with age and history, and the five figures, live',
    async () => {
      const page = await open('/?range=5m');
      const card = page.locator('.service', { hasText: 'divan-api' });
      await card.getByText('Healthy').waitFor();
      await card.getByText('migrations').waitFor();
      assert.match((await card.locator('.checks').textContent()) ?? '', /migrations.*\d+ s|migrations.*now/);
      const ticks = await card.locator('.history i').count();
      await until(page, `document.querySelectorAll('.history i').length > ${ticks}`);
      const figures = await card.locator('.figures dd').allTextContents();
      assert.equal(figures.length, 5);
      assert.ok(!figures.includes('–'), figures.join(', '));
      for (const name of ['Request rate', 'Duration, p95', 'Error share', 'Event-loop delay', 'Memory']) {
        await page.getByRole('img', { name: new RegExp(`^${name}: .*divan-api`) }).waitFor();
      }
      await page.locator('.service', { hasText: 'shop' }).getByText('Health unknown').waitFor();
      await page
        .getByRole('link', { name: /orders/ })
        .first()
        .waitFor();
      await shoot(page, 'overview');
      await page.getByRole('combobox', { name: 'Service' }).selectOption('shop');
      await until(page, `document.querySelectorAll('.service').length === 1`);
      assert.equal(search(page).get('service'), 'shop');
      await page.locator('.overview td a', { hasText: ROUTE }).click();
      await page.locator('.trace-table').waitFor();
      assert.equal(search(page).get('route'), ROUTE);
    },
  );

  await t.test('traces are searched by route, status, duration, attribute and id', async () => {
    const page = await open('/traces?range=5m');
    const found = (n: number) =>
      until(page, `document.querySelectorAll('.trace-table tbody tr').length === ${n}`);
    await page.locator('.trace-table').waitFor();
    await page.getByLabel('Route').fill(ROUTE);
    await found(2);
    await page.getByLabel('Status').selectOption('error');
    await found(1);
    await page.getByLabel('Status').selectOption('');
    await found(2);
    await page.getByLabel('At least, ms').fill('500');
    await found(1);
    await page.getByLabel('At least, ms').fill('');
    await found(2);
    await page.getByLabel('Attribute').fill('shop.item=hat');
    await found(1);
    assert.equal(search(page).get('attribute'), 'shop.item=hat');
    await page.reload();
    await found(1);
    assert.equal(await page.getByLabel('Route').inputValue(), ROUTE);
    await page.getByRole('button', { name: 'Clear' }).click();
    await until(page, `document.querySelectorAll('.trace-table tbody tr').length > 2`);
    await shoot(page, 'traces');
    await page.getByLabel('Trace id').fill(B);
    await page.getByLabel('Trace id').press('Enter');
    await page.locator('.waterfall').waitFor();
    assert.match(page.url(), new RegExp(`/traces/${B}`));
  });

  await t.test(
    'a trace shows its waterfall with its lines in place, its critical path and its spans',
    async () => {
      const page = await open(`/traces/${B}`);
      await page.locator('.waterfall li').first().waitFor();
      const rows = await page.locator('.waterfall li').allTextContents();
      assert.deepEqual(
        rows.map(row => /GET|SELECT|looked|shelf/.exec(row)?.[0]),
        ['GET', 'SELECT', 'looked', 'shelf'],
      );
      assert.equal(await page.locator('.wf-critical').count(), 3);
      await page.getByRole('checkbox', { name: 'Critical path' }).click();
      assert.equal(await page.locator('.wf-critical').count(), 0);
      await page.getByRole('checkbox', { name: 'Log lines in place' }).click();
      await until(page, `document.querySelectorAll('.waterfall li').length === 2`);
      await page.locator('.wf-open').first().click();
      await page.locator('.detail').getByText('out of stock').waitFor();
      await page.locator('.detail').getByRole('link', { name: 'cap' }).waitFor();
      assert.equal(search(page).get('span'), '1'.padStart(16, '0'));
      await page.locator('.wf-open').first().focus();
      await page.keyboard.press('ArrowLeft');
      await until(page, `document.querySelectorAll('.waterfall li').length === 1`);
      await page.keyboard.press('ArrowRight');
      await until(page, `document.querySelectorAll('.waterfall li').length === 2`);
      await shoot(page, 'trace');
    },
  );

  await t.test('two traces, and two time ranges, stand side by side', async () => {
    const page = await open(`/traces?range=5m&route=${encodeURIComponent(ROUTE)}`);
    await until(page, `document.querySelectorAll('.trace-table tbody tr').length === 2`);
    for (const box of await page.locator('.trace-table input').all()) await box.check();
    await page.getByRole('link', { name: 'Compare', exact: true }).click();
    await until(page, `document.querySelectorAll('.side .waterfall').length === 2`);
    const row = page.locator('.compare tbody tr', { hasText: `GET ${ROUTE}` });
    assert.match((await row.textContent()) ?? '', /800 ms/);
    await shoot(page, 'compare-traces');
    const ranges = await open('/traces/ranges?range=5m&service=shop');
    const route = ranges.locator('.compare tbody tr', { hasText: ROUTE });
    await route.getByText('new').first().waitFor();
    await shoot(ranges, 'compare-ranges');
  });

  await t.test(
    'logs are tailed live, searched and filtered, and lead to the trace and to the request',
    async () => {
      const page = await open('/logs?live=on&service=divan-api');
      await page.getByText('Waiting for the next line').waitFor();
      const response = await fetch(`${divan}/chat/messages`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-user-id': 'u-1',
          'x-campus-id': 'c-1',
          'x-request-id': 'r-live-1',
        },
        body: JSON.stringify({ to_user_id: 'u-2', body: 'hello' }),
      });
      assert.equal(response.status, 201);
      await page.locator('.log-line', { hasText: 'chat_message_sent' }).first().waitFor();
      await shoot(page, 'logs-live');
      await page.getByRole('button', { name: 'Live tail' }).click();
      await page.getByRole('combobox', { name: 'Service' }).selectOption('');
      await page.getByLabel('Text').fill('SHELF');
      await until(page, `document.querySelectorAll('.log-line').length === 1`);
      await page.locator('.log-line').click();
      await page.locator('.log-detail').getByRole('link', { name: 'cap' }).click();
      assert.equal(search(page).get('attribute'), 'shop.item=cap');
      await until(page, `document.querySelectorAll('.log-line').length === 2`);
      await page.getByLabel('Level').selectOption('17');
      await until(page, `document.querySelectorAll('.log-line').length === 1`);
      await page.locator('.log-line').click();
      await page.getByRole('link', { name: 'All lines of the request' }).click();
      await until(page, `document.querySelectorAll('.log-line').length === 2`);
      assert.equal(search(page).get('requestId'), 'r-shop-1');
      await page.locator('.log-line').first().click();
      await shoot(page, 'logs');
      await page.getByRole('link', { name: 'Open the trace' }).click();
      await page.locator('.waterfall').waitFor();
      assert.equal(new URL(page.url()).pathname, `/traces/${B}`);
    },
  );

  await t.test(
    'any metric is found, grouped by label, shown as a heat map, and leads to a trace',
    async () => {
      const page = await open('/metrics?range=5m');
      await page.getByRole('searchbox', { name: 'Search' }).fill('http duration');
      await page.getByRole('link', { name: /divan_http_request_duration_seconds/ }).click();
      await page
        .getByRole('img', { name: /observations by time and size/ })
        .first()
        .waitFor();
      await page
        .getByRole('img', { name: /^Quantiles: p50/ })
        .first()
        .waitFor();
      await page.getByRole('button', { name: 'route', exact: true }).click();
      await page.getByRole('heading', { name: 'route=/chat/messages' }).waitFor();
      assert.deepEqual(search(page).getAll('by'), ['route']);
      await shoot(page, 'metrics');
      await page.locator('.exemplars a').first().click();
      await page.locator('.waterfall').waitFor();
      await page.goto(`${url}/metrics?range=5m&name=divan_http_requests_total&by=status`);
      await page.getByRole('img', { name: /status=200/ }).waitFor();
      await page.getByRole('button', { name: 'status=200' }).click();
      assert.equal(search(page).get('filter'), 'status=200');
    },
  );

  await t.test('the keyboard goes everywhere', async () => {
    const page = await open('/?range=5m');
    await page.locator('.service').first().waitFor();
    await page.keyboard.press('g');
    // Live data may draw the page again between the two keys.
    await page.evaluate(
      `history.replaceState(null, '', '/?range=15m'); dispatchEvent(new Event('popstate'))`,
    );
    await until(page, `document.querySelector('.service') !== null`);
    await page.keyboard.press('t');
    await page.locator('.trace-table').waitFor();
    await page.keyboard.press('/');
    await until(page, `document.activeElement.tagName === 'INPUT'`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('1 trace marked').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.waterfall').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await until(page, `document.documentElement.dataset.theme === 'light'`);
    await page.goBack();
    await page.locator('.trace-table').waitFor();
  });

  assert.deepEqual(watched.faults, []);
});
