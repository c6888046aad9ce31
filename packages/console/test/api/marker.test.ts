import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { encodeLogs, encodeMetrics, encodeTraces, type MetricInfo } from '@plimsoll/wire';
import { WebSocket } from 'ws';
import { startConsole } from '../../src/server.ts';
import { traceId } from '../store/contract.ts';
import { tempFolder } from '../support/console.ts';
import { MARKERS, markedLines, markedMetrics, markedSpans, under } from '../support/marked.ts';

test('a marker that a foreign sender put anywhere is in no answer of the API, nor in the live tail', async t => {
  const running = await startConsole({
    ...{ dir: tempFolder(t), port: 0, otlpHttpPort: 0, otlpGrpcPort: 0 },
  });
  t.after(() => running.close());
  const answers: string[] = [];
  const keep = (text: string): string => {
    answers.push(text);
    return text;
  };
  const tail = new WebSocket(`${running.url.replace('http', 'ws')}/api/console/live`);
  t.after(() => tail.terminate());
  let tailed = 0;
  tail.on('message', data => {
    const message = JSON.parse(keep(String(data))) as { rows?: unknown[] };
    tailed += message.rows?.length ?? 0;
  });
  await once(tail, 'message');
  const send = async (path: string, body: Uint8Array) => {
    const headers = { 'content-type': 'application/x-protobuf' };
    const response = await fetch(`${running.otlpHttp}/v1/${path}`, {
      ...{ method: 'POST', headers, body: Buffer.from(body) },
    });
    assert.equal(response.status, 200, keep(await response.text()));
  };
  await send('traces', encodeTraces(markedSpans));
  await send('logs', encodeLogs(markedLines));
  await send('metrics', encodeMetrics(under(markedMetrics)));
  while (tailed < 3) await once(tail, 'message');

  const ask = async (path: string): Promise<string> => {
    const response = await fetch(`${running.url}/api/console${path}`);
    const text = keep(await response.text());
    assert.ok(response.ok, `${path}: ${text}`);
    return text;
  };
  const range = `from=0&to=${Date.now() + 1000}`;
  const found = { traces: await ask(`/traces?${range}`), logs: await ask(`/logs?${range}`) };
  for (const [what, text] of Object.entries(found)) {
    assert.notEqual((JSON.parse(text) as { items: unknown[] }).items.length, 0, `no ${what}`);
  }
  const trace = await ask(`/traces/${traceId(1)}`);
  assert.match(trace, /\[email\]/);
  await ask(`/logs?traceId=${traceId(1)}`);
  await ask('/services');
  await ask(`/overview?from=0&to=10000&step=1000`);
  await ask(`/requests?from=0&to=10000&by=route`);
  await ask('/stats');
  const names = JSON.parse(await ask(`/metrics?${range}`)) as readonly MetricInfo[];
  assert.equal(names.length, 3);
  for (const { name, labels } of names) {
    const query = new URLSearchParams({ name, from: '0', to: '10000', step: '1000' });
    assert.match(await ask(`/metrics/query?${query}`), /"series":\[\{/);
    for (const label of labels) query.append('by', label);
    await ask(`/metrics/query?${query}`);
  }
  const all = answers.join('\n');
  for (const marker of MARKERS) assert.ok(!all.includes(marker), `${marker} is in an answer`);
});
