import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { startConsole } from '../../src/server.ts';
import { browse, type Watched } from './browser.ts';
import { tempFolder } from './console.ts';
import { runDivan } from './divan.ts';

export const A = 'a1'.repeat(16);
export const B = 'b2'.repeat(16);
/** The rarest words of this test: the shop's route, item and line. */
export const ROUTE = '/orders/:id';

/** A service of somebody else, who speaks OTLP: two traces of one kind, the second slow and failed, and two lines. */
async function sendShop(endpoint: string): Promise<void> {
  const nano = (ms: number) => `${Math.floor(Date.now() - 30_000 + ms)}000000`;
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const resource = { attributes: [text('service.name', 'shop')] };
  const span = (traceId: string, n: number, more: object) => ({
    traceId,
    spanId: n.toString(16).padStart(16, '0'),
    flags: 1,
    ...more,
  });
  const trace = (traceId: string, slow: boolean) => [
    span(traceId, 1, {
      name: `GET ${ROUTE}`,
      kind: 2,
      startTimeUnixNano: nano(0),
      endTimeUnixNano: nano(slow ? 900 : 100),
      attributes: [text('http.route', ROUTE), text('shop.item', slow ? 'cap' : 'hat')],
      status: slow ? { code: 2, message: 'out of stock' } : {},
    }),
    span(traceId, 2, {
      parentSpanId: '1'.padStart(16, '0'),
      name: 'SELECT stock',
      kind: 3,
      startTimeUnixNano: nano(10),
      endTimeUnixNano: nano(slow ? 880 : 60),
    }),
  ];
  const spans = [...trace(A, false), ...trace(B, true)];
  const line = (body: string, severityNumber: number) => ({
    ...{ timeUnixNano: nano(50), severityNumber, severityText: severityNumber > 16 ? 'ERROR' : 'INFO' },
    ...{ body: { stringValue: body }, traceId: B, spanId: '2'.padStart(16, '0') },
    attributes: [text('request_id', 'r-shop-1'), text('shop.item', 'cap')],
  });
  const logRecords = [line('stock looked up', 9), line('nothing left on the shelf', 17)];
  await send(`${endpoint}/v1/traces`, { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  await send(`${endpoint}/v1/logs`, { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
}

async function send(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.equal(response.status, 200, await response.text());
}

export interface Stage {
  readonly url: string;
  readonly divan: string;
  readonly watched: Watched;
}

/** A console with a running divan and the shop in it, and a browser on it. */
export async function stage(t: TestContext): Promise<Stage> {
  const started = await startConsole({
    ...{ dir: tempFolder(t), port: 0, otlpHttpPort: 0, otlpGrpcPort: 0, healthIntervalMs: 500 },
  });
  t.after(() => started.close());
  const divan = await runDivan(t, started.otlpHttp, { OBS_OPS_ANNOUNCE: started.announceUrl });
  await sendShop(started.otlpHttp);
  await metricsHaveCome(started.url);
  return { url: started.url, divan, watched: await browse(t, started.url) };
}

/** Two reports make a rate. */
async function metricsHaveCome(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const now = Date.now();
    const query = `from=${now - 60_000}&to=${now + 1000}&step=1000&name=divan_http_request_duration_seconds`;
    const response = await fetch(`${url}/api/console/metrics/query?${query}`);
    const answer = (await response.json()) as { series?: { buckets?: unknown[]; exemplars: unknown[] }[] };
    const one = answer.series?.[0];
    if ((one?.buckets?.filter(Boolean).length ?? 0) > 2 && (one?.exemplars.length ?? 0) > 0) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  assert.fail('divan sent no metrics');
}

/** Waits until this expression of the page is true. */
export async function until(page: Page, expression: string): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    // Not `waitForFunction`, which evaluates a text in the page, and the page's policy forbids that.
    if (await page.evaluate(expression)) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`never: ${expression}`);
}
