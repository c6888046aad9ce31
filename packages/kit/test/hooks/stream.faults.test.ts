import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { open, until } from './open.ts';

const CLIENTS = 500;
const HOOKS = 4000;

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
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'connected');
  global.gc?.();
  const before = process.memoryUsage().rss;
  let highest = before;
  const variables = { filler: 'x '.repeat(120), more: 'y '.repeat(120) };
  for (let step = 1; step <= HOOKS; step++) {
    obs.hooks.emit('on_playtest_step', { step, ...variables } as never);
    if (step % 20 === 0) {
      highest = Math.max(highest, process.memoryUsage().rss);
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }
  child.stdin.write('raised\n');
  const clients: Heard[] = [];
  for (let i = 0; i < CLIENTS; i++) clients.push(JSON.parse(String((await lines.next()).value)));
  await once(child, 'close');
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
  // 50 slow clients with everything kept would be 4,000 hooks of 700 bytes each: 140 MB of text alone.
  assert.ok(grown < 120, `${grown} MB`);
  t.diagnostic(`${gaps} gaps told; the service grew by ${grown.toFixed(1)} MB at most`);
  await until(() => true);
});
