import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DecodedMetric } from '@plimsoll/wire';
import {
  encodeLogs,
  encodeMetrics,
  encodeTraces,
  logsToJson,
  metricsToJson,
  tracesToJson,
} from '@plimsoll/wire';
import { log, span, spanId, traceId } from '../store/contract.ts';
import { everything, receive } from '../support/receiving.ts';

const MAIL = 'marker.person@example.org';
const TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
const text = `for ${MAIL} with ${TOKEN}`;
const MARKERS = [MAIL, TOKEN, 'hunter2marker', 'marker-session-value', 'marker prompt of a person'];
const attributes = {
  ...{
    note: text,
    password: 'hunter2marker',
    'session.id': 'marker-session-value',
    prompt: 'marker prompt of a person',
  },
  ...{ list: [text, { deep: text }], map: { password: 'hunter2marker', more: [text] }, [`key ${MAIL}`]: 1 },
  bytes: new TextEncoder().encode(text),
};
const resource = { attributes: { 'service.name': `svc ${MAIL}`, ...attributes } };
const under = <T>(items: readonly T[]) => [
  {
    ...{ resource, schemaUrl: `https://x/?token=${TOKEN}` },
    scopes: [{ scope: { name: text, version: text, attributes }, schemaUrl: `https://x/${TOKEN}`, items }],
  },
];

const spans = under([
  span(1, {
    ...{ name: text, traceState: `a=${TOKEN}`, status: { code: 2, message: text }, attributes },
    events: [{ name: text, time: 1, attributes }],
    links: [{ traceId: traceId(1), spanId: spanId(1), traceState: `b=${TOKEN}`, attributes }],
  }),
]);
const lines = under([
  log(1, { body: text, attributes, severityText: text, logger: text, eventName: text }),
  log(2, { body: { password: 'hunter2marker', text, list: [text] } }),
  log(3, { body: [text] }),
]);
const at = { attributes, startTime: 0, time: 5, flags: 0 };
const exemplars = [{ attributes, time: 1, value: 1, integer: false }];
const all: readonly DecodedMetric[] = under<DecodedMetric>([
  {
    name: text,
    description: text,
    unit: text,
    type: 'gauge',
    points: [{ ...at, value: 1, integer: false, exemplars }],
  },
  {
    ...{ name: `h ${text}`, description: text, unit: text, type: 'histogram', temporality: 'delta' },
    points: [{ ...at, count: 1, buckets: [1], bounds: [], exemplars }],
  },
  {
    name: `s ${text}`,
    description: text,
    unit: '',
    type: 'summary',
    points: [{ ...at, count: 1, sum: 1, quantiles: [] }],
  },
])[0]!.scopes[0]!.items;

test('a marker that a foreign sender put anywhere is in no row and in no file', async t => {
  const { post, store, dir } = await receive(t);
  const json = { 'Content-Type': 'application/json' };
  // Twice, since what was judged before is remembered.
  for (let i = 0; i < 2; i++) {
    const answers = [
      await post('/v1/traces', encodeTraces(spans)),
      await post('/v1/logs', encodeLogs(lines)),
      await post('/v1/metrics', encodeMetrics(under(all))),
      await post('/v1/traces', JSON.stringify(tracesToJson(spans)), json),
      await post('/v1/logs', JSON.stringify(logsToJson(lines)), json),
      await post('/v1/metrics', JSON.stringify(metricsToJson(under(all))), json),
    ];
    assert.deepEqual(
      answers.map(answer => answer.status),
      [200, 200, 200, 200, 200, 200],
    );
  }
  const rows = await everything(store);
  assert.ok(rows.includes('svc [email]') && rows.includes('span'), 'rows are there');
  const stats = await store.stats();
  assert.deepEqual([stats.spans, stats.logs, stats.points], [4, 12, 12]);
  for (const marker of MARKERS) assert.ok(!rows.includes(marker), `${marker} is in a row`);
  for (const file of await readdir(dir)) {
    if (!file.includes('.duckdb')) continue;
    const bytes = await readFile(join(dir, file));
    for (const marker of MARKERS) assert.ok(!bytes.includes(marker), `${marker} is in ${file}`);
  }
});

test('an answer to a malformed export says nothing of what was in it', async t => {
  const { post } = await receive(t);
  const answer = await post('/v1/logs', `{"resourceLogs":"${MAIL}", ${TOKEN}`, {
    'Content-Type': 'application/json',
  });
  assert.equal(answer.status, 400);
  const body = await answer.text();
  for (const marker of MARKERS) assert.ok(!body.includes(marker), body);
});
