import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  complaints,
  DISLIKED,
  FORMATS,
  type Format,
  hasParser,
  hasPromtool,
  parsed,
} from '../../../test/support/exposition.ts';
import { hasPrometheus, startPrometheus } from '../../../test/support/prometheus.ts';
import { drive, SEED } from './drive.ts';
import { ADMIN, type Running, startDivan } from './support.ts';

const ACCEPT: Record<Format, string> = {
  prometheus: 'text/plain; version=0.0.4',
  openmetrics: 'application/openmetrics-text; version=1.0.0',
};
const TYPE: Record<Format, RegExp> = {
  prometheus: /^text\/plain; version=0\.0\.4; charset=utf-8/,
  openmetrics: /^application\/openmetrics-text; version=1\.0\.0; charset=utf-8/,
};

async function scrape(divan: Running, format: Format): Promise<string> {
  const headers = { accept: ACCEPT[format], authorization: `Bearer ${ADMIN}` };
  const answer = await divan.call('/metrics', { headers });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', TYPE[format]);
  return answer.text;
}

test('a strict parser of each format accepts the metrics of a driven divan, and finds the seed', async t => {
  if (!hasParser(t)) return;
  const divan = await startDivan(t);
  await drive(divan);
  for (const format of FORMATS) {
    const families = parsed(await scrape(divan, format), format);
    const samples = families.flatMap(family => family.samples);
    for (const series of SEED) {
      const [name = '', labels = ''] = series.split('{');
      const wanted = Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, k, v]) => [k, v]));
      const found = samples.find(
        sample =>
          sample.name === `divan_${name}` && isSame(sample.labels, wanted) && Number(sample.value) === 1,
      );
      assert.ok(found, `${series} in ${format}`);
    }
    assert.ok(families.every(family => family.help !== '' || family.type === 'unknown'));
    const marked = samples.filter(sample => sample.exemplar !== null);
    assert.equal(marked.length > 0, format === 'openmetrics');
    for (const { exemplar } of marked) assert.match(exemplar?.['trace_id'] ?? '', /^[0-9a-f]{32}$/);
  }
});

test("promtool has nothing against the metrics of a driven divan but three names of prom-client's", async t => {
  if (!hasPromtool(t)) return;
  const divan = await startDivan(t);
  await drive(divan);
  assert.deepEqual(complaints(await scrape(divan, 'prometheus')), DISLIKED);
});

test('a real Prometheus scrapes a driven divan with the admin token, and its exemplars lead to traces', async t => {
  if (!hasPrometheus(t)) return;
  const divan = await startDivan(t);
  const traces = new Set<string>();
  divan.obs.on('span', span => void traces.add(span.traceId));
  await drive(divan);
  const prometheus = await startPrometheus(t, { port: Number(new URL(divan.origin).port), token: ADMIN });
  assert.equal(await prometheus.value('up'), '1');
  const sends = '{route="/chat/messages",method="POST"}';
  assert.equal(await prometheus.value(`divan_http_requests_total${sends}`), '1');
  assert.equal(await prometheus.value(`divan_http_request_duration_seconds_count${sends}`), '1');
  assert.equal(await prometheus.value('divan_chat_send_total'), '1');
  const exemplars = await prometheus.exemplars(`divan_http_request_duration_seconds_bucket${sends}`);
  assert.ok(traces.has(exemplars[0]?.labels['trace_id'] ?? ''), JSON.stringify(exemplars));
});

const isSame = (a: Record<string, string>, b: Record<string, string | undefined>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every(key => a[key] === b[key]);
