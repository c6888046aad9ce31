import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { encodeLogs, encodeTraces, type LiveMessage, type Overview, type StoreStats } from '@plimsoll/wire';
import { WebSocket } from 'ws';
import { startConsole } from '../../src/server.ts';
import { log, logs, span, traces } from '../store/contract.ts';
import { tempFolder } from '../support/console.ts';

const SENDERS = 8;
const ROUNDS = 40;
const SPANS = 512;
const LINES = 64;

test('while exports come as fast as they are taken, the overview answers and the live tail keeps its order', async t => {
  const running = await startConsole({
    ...{ dir: tempFolder(t), port: 0, otlpHttpPort: 0, otlpGrpcPort: 0 },
  });
  t.after(() => running.close());
  const seqs: number[] = [];
  let skipped = 0;
  const tail = new WebSocket(`${running.url.replace('http', 'ws')}/api/console/live`);
  t.after(() => tail.terminate());
  const heard = () => seqs.length + skipped;
  tail.on('message', data => {
    const message = JSON.parse(String(data)) as LiveMessage;
    if (message.kind !== 'logs') return;
    skipped += message.skipped;
    seqs.push(...message.rows.map(row => row.seq));
  });
  await once(tail, 'message');

  const bodies = Array.from({ length: SENDERS }, (_, sender) => ({
    spans: encodeTraces(
      traces(
        'busy',
        ...Array.from({ length: SPANS }, (_, i) =>
          span(sender * SPANS + i + 1, { attributes: { i, 'http.route': '/x', 'url.path': `/x/${i}` } }),
        ),
      ),
    ),
    lines: encodeLogs(logs('busy', ...Array.from({ length: LINES }, (_, i) => log(i + 1)))),
  }));
  const post = async (path: string, body: Uint8Array) => {
    const headers = { 'content-type': 'application/x-protobuf' };
    const response = await fetch(`${running.otlpHttp}/v1/${path}`, {
      ...{ method: 'POST', headers, body: Buffer.from(body) },
    });
    await response.arrayBuffer();
    assert.equal(response.status, 200);
  };
  let pushing = true;
  const pushed = Promise.all(
    bodies.map(async ({ spans, lines }) => {
      for (let i = 0; i < ROUNDS; i++) await Promise.all([post('traces', spans), post('logs', lines)]);
    }),
  ).finally(() => {
    pushing = false;
  });
  let looks = 0;
  let heardMeanwhile = 0;
  while (pushing) {
    const response = await fetch(`${running.url}/api/console/overview?from=0&to=10000&step=1000`);
    const overview = (await response.json()) as Overview;
    assert.equal(response.status, 200);
    if (!pushing) break;
    if (overview.services.some(one => one.service === 'busy')) looks += 1;
    heardMeanwhile = heard();
  }
  await pushed;
  assert.ok(looks >= 2, `${looks} looks at the overview showed the service while it was pushed`);
  assert.ok(heardMeanwhile > 0, 'the tail said nothing while exports came');
  const sent = SENDERS * ROUNDS * LINES;
  while (heard() < sent) await once(tail, 'message');
  assert.equal(heard(), sent);
  assert.deepEqual(
    seqs,
    seqs.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(seqs).size, seqs.length);
  const stats = (await (await fetch(`${running.url}/api/console/stats`)).json()) as StoreStats;
  assert.deepEqual([stats.spans, stats.logs], [SENDERS * ROUNDS * SPANS, sent]);
});
