import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { LiveMessage } from '@plimsoll/wire';
import { WebSocket } from 'ws';
import { lines, runApi } from '../support/console.ts';

function next(ws: WebSocket): Promise<LiveMessage> {
  return once(ws, 'message').then(([data]) => JSON.parse(String(data)) as LiveMessage);
}

test('a tail gets the lines that pass its filter, as they come', async t => {
  const { url, store } = await runApi(t);
  const ws = new WebSocket(`${url.replace('http', 'ws')}/api/console/live?minSeverity=13&attribute=room%3Dx`);
  t.after(() => ws.terminate());
  assert.deepEqual(await next(ws), { kind: 'ready' });
  await store.writeLogs(
    lines('shop', [
      { body: 'too quiet', attributes: { room: 'x' } },
      { body: 'elsewhere', level: 'warn', attributes: { room: 'y' } },
      { body: 'wanted', level: 'error', attributes: { room: 'x' } },
    ]),
  );
  const message = await next(ws);
  assert.ok(message.kind === 'logs');
  assert.deepEqual(
    message.rows.map(row => row.body),
    ['wanted'],
  );
  assert.equal(message.skipped, 0);
});

test('a slow browser is skipped with a truthful count, and ingest and the others do not wait for it', async t => {
  const { url, store } = await runApi(t);
  const slow = new WebSocket(`${url.replace('http', 'ws')}/api/console/live`);
  t.after(() => slow.terminate());
  await next(slow);
  slow.pause();
  const quick = new WebSocket(`${url.replace('http', 'ws')}/api/console/live`);
  t.after(() => quick.terminate());
  await next(quick);
  let seenByQuick = 0;
  quick.on('message', data => {
    const message = JSON.parse(String(data)) as LiveMessage;
    if (message.kind === 'logs') seenByQuick += message.rows.length + message.skipped;
  });
  const batch = Array.from({ length: 400 }, (_, i) => ({ body: `line ${i} ${'x'.repeat(2000)}` }));
  const rounds = 60;
  for (let i = 0; i < rounds; i += 1) {
    await store.writeLogs(lines('shop', batch));
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  let rows = 0;
  let skipped = 0;
  await new Promise<void>(resolve => {
    slow.on('message', data => {
      const message = JSON.parse(String(data)) as LiveMessage;
      if (message.kind !== 'logs') return;
      rows += message.rows.length;
      skipped += message.skipped;
      if (rows + skipped >= rounds * batch.length) resolve();
    });
    slow.resume();
  });
  assert.equal(rows + skipped, rounds * batch.length);
  assert.ok(skipped > 0, 'nothing was skipped');
  while (seenByQuick < rounds * batch.length) await once(quick, 'message');
  assert.equal(seenByQuick, rounds * batch.length);
});
