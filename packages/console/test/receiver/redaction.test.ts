import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  encodeLogs,
  encodeMetrics,
  encodeTraces,
  logsToJson,
  metricsToJson,
  tracesToJson,
} from '@plimsoll/wire';
import { MAIL, MARKERS, markedLines, markedMetrics, markedSpans, TOKEN, under } from '../support/marked.ts';
import { everything, receive } from '../support/receiving.ts';

test('a marker that a foreign sender put anywhere is in no row and in no file', async t => {
  const { post, store, dir } = await receive(t);
  const json = { 'Content-Type': 'application/json' };
  // Twice, since what was judged before is remembered.
  for (let i = 0; i < 2; i++) {
    const answers = [
      await post('/v1/traces', encodeTraces(markedSpans)),
      await post('/v1/logs', encodeLogs(markedLines)),
      await post('/v1/metrics', encodeMetrics(under(markedMetrics))),
      await post('/v1/traces', JSON.stringify(tracesToJson(markedSpans)), json),
      await post('/v1/logs', JSON.stringify(logsToJson(markedLines)), json),
      await post('/v1/metrics', JSON.stringify(metricsToJson(under(markedMetrics))), json),
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
