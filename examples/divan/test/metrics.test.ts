import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDivan } from './support.ts';

const USERS = 20;

/** Label set without `le` and `status` → what its samples add up to. */
function totals(
  text: string,
  name: string,
  keep: (labels: string) => boolean = () => true,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, labels = '', value] of text.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'))) {
    if (!keep(labels)) continue;
    const key = labels.replace(/,?(le|status)="[^"]*"/g, '');
    found.set(key, (found.get(key) ?? 0) + Number(value));
  }
  return found;
}

test('a scrape under load is of one moment: counters, buckets and counts agree in each', async t => {
  const divan = await startDivan(t, { settings: { development: true } });
  const scrapes: string[] = [];
  let under = true;
  const scraping = (async () => {
    while (under) scrapes.push(await divan.metrics());
  })();
  await Promise.all(
    Array.from({ length: USERS }, async (_, user) => {
      for (let n = 0; n < 10; n++) {
        const sent = { to_user_id: `u-${user + 1}`, body: 'hi' };
        const { status } = await divan.call('/chat/messages', { as: `u-${user}`, campus: 'c-1', body: sent });
        assert.equal(status, 201);
      }
    }),
  );
  under = false;
  await scraping;
  scrapes.push(await divan.metrics());
  assert.ok(scrapes.length > 2);
  for (const text of scrapes) {
    const requests = totals(text, 'divan_http_requests_total');
    const duration = 'divan_http_request_duration_seconds';
    assert.deepEqual(totals(text, `${duration}_count`), requests);
    assert.deepEqual(
      totals(text, `${duration}_bucket`, labels => labels.includes('le="+Inf"')),
      requests,
    );
  }
  const last = totals(scrapes.at(-1) ?? '', 'divan_http_requests_total');
  assert.equal(last.get('route="/chat/messages",method="POST"'), USERS * 10);
});

test('ids, radii and paths that nobody knows make no series of their own', async t => {
  const divan = await startDivan(t, { settings: { development: true, nearbyPerMinute: 1000 } });
  const me = { as: 'a', campus: 'c-1' };
  for (let n = 1; n <= 40; n++) {
    await divan.call(`/chat/conversations/u-${n}/messages`, me);
    await divan.call(`/nothing/${n}`, me);
    await divan.call(`/proximity/nearby?radius_m=${n * 13}`, me);
  }
  const text = await divan.metrics();
  const requests = totals(text, 'divan_http_requests_total');
  assert.equal(requests.get('route="/chat/conversations/:user/messages",method="GET"'), 40);
  assert.equal(requests.get('route="unmatched",method="GET"'), 40);
  assert.ok(totals(text, 'divan_proximity_queries_total').size < 12);
  assert.ok(!/u-7|nothing/.test(text));
});
