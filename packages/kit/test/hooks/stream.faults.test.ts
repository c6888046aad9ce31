import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { later, open } from './open.ts';

const CLIENTS = 500;
const HOOKS = 800;
/** How far the hooks may be ahead of the fast clients: what nobody could take is no test of who is slow. */
const AHEAD = 60;

interface Heard {
  readonly slow: boolean;
  /** Steps as they came, and gaps as `[missed, first, last]` in their place. */
  readonly heard: readonly (number | { missed: number; first: string; last: string })[];
}

test('500 clients, one in ten slow: fast ones get every hook in order, slow ones are told of each gap where it is', async t => {
  const { obs, url } = await open();
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'programs', 'tails.ts'),
      url.replace('http:', 'ws:'),
      String(CLIENTS),
      String(HOOKS),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  later(() => child.kill());
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'connected');
  global.gc?.();
  const before = process.memoryUsage().rss;
  let highest = before;
  // 12 KB each: the system takes some 4 MB for a client that reads nothing, and hooks wait only beyond that.
  const filler = Object.fromEntries(Array.from({ length: 48 }, (_, i) => [`filler_${i}`, 'x '.repeat(120)]));
  let reached = 0;
  for (let step = 1; step <= HOOKS; step++) {
    obs.hooks.emit('on_playtest_step', { step, ...filler } as never);
    if (step % 10 > 0) continue;
    highest = Math.max(highest, process.memoryUsage().rss);
    await new Promise(resolve => setImmediate(resolve));
    while (step - reached > AHEAD) reached = Number((await lines.next()).value);
  }
  child.stdin.write('raised\n');
  while ((await lines.next()).value !== 'heard');
  const clients: Heard[] = [];
  for (let i = 0; i < CLIENTS; i++) clients.push(JSON.parse(String((await lines.next()).value)));
  const all = Array.from({ length: HOOKS }, (_, i) => i + 1);
  let gaps = 0;
  for (const { slow, heard } of clients) {
    if (!slow) {
      assert.deepEqual(heard, all);
      continue;
    }
    // The steps that came and those that a gap speaks of are all steps, in order, each once.
    let next = 1;
    for (const one of heard) {
      if (typeof one === 'number') {
        assert.equal(one, next);
        next += 1;
        continue;
      }
      gaps += 1;
      const [first, last] = [one.first, one.last].map(id => Number(id.split('_')[2]));
      assert.deepEqual([first, (last as number) - (first as number) + 1], [next, one.missed]);
      next = (last as number) + 1;
    }
    assert.equal(next, HOOKS + 1);
  }
  assert.ok(gaps >= CLIENTS / 10, `${gaps} gaps`);
  const grown = (highest - before) / 2 ** 20;
  // Everything kept for 50 slow clients would be 800 hooks of 12 KB for each: 480 MB.
  assert.ok(grown < 200, `${grown} MB`);
  t.diagnostic(`${gaps} gaps told; the service grew by ${grown.toFixed(1)} MB at most`);
});
