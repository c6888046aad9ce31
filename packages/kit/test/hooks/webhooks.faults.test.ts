import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openJournal } from '../../src/base/journal.ts';
import { flags, folder, open, type Received, receiver } from './open.ts';

const EVENTS = 2500;
const program = join(import.meta.dirname, 'programs', 'raise.ts');
const random = seeded(7);

/** Fails, hangs and recovers by turns. */
function moody(turn: number): (one: Received, res: ServerResponse, count: number) => void {
  return (_one, res, count) => {
    const mood = Math.floor(count / turn) % 4;
    if (mood === 1 && random() < 0.5) return void res.writeHead(500).end();
    if (mood === 2 && random() < 0.03) return;
    if (mood === 3 && random() < 0.2) return void res.destroy();
    res.writeHead(204).end();
  };
}

test('kill -9 in a loop over 5,000 deliveries: every hook arrives at least once, in order where that is promised', async t => {
  const root = folder();
  const ordered = await receiver(moody(100));
  const loose = await receiver(moody(150));
  const setup = await open({ root });
  const event = 'on_playtest_step';
  await setup.obs.hooks.addWebhook({ event, url: ordered.url, ordered: true, secret: 's3cr3t-text' });
  await setup.obs.hooks.addWebhook({ event, url: loose.url });
  await setup.obs.close();
  flags(root, { enable_hooks: true });

  let acknowledged = 0;
  let kills = 0;
  for (let delivered = false; !delivered; ) {
    // Killed within the time that a run takes to raise some: the last runs are left alone.
    const life = kills < 20 ? 300 + random() * 900 : undefined;
    const end = await run(root, acknowledged + 1, life);
    acknowledged = Math.max(acknowledged, end.acknowledged);
    if (end.killed) kills += 1;
    delivered = end.delivered;
  }
  assert.ok(kills >= 10, `${kills} kills`);
  assert.equal(acknowledged, EVENTS);

  for (const [name, { got }] of Object.entries({ ordered, loose })) {
    const taken = new Set(got.map(one => one.json.data.step as number));
    const lost = Array.from({ length: EVENTS }, (_, i) => i + 1).filter(step => !taken.has(step));
    assert.deepEqual(lost, [], `${name}: lost`);
  }
  const firsts = [...new Set(ordered.got.map(one => one.json.data.step as number))];
  assert.deepEqual(
    firsts,
    [...firsts].sort((a, b) => a - b),
    'in order',
  );

  const journal = await openJournal({ path: join(root, 'hooks', 'queue.journal'), replay: () => {} });
  assert.equal(journal.damaged, 0);
  await journal.close();
  for (const file of ['webhooks.json', 'webhook-secrets.json'])
    JSON.parse(readFileSync(join(root, 'hooks', file), 'utf8'));
  t.diagnostic(
    `${kills} kills; ${ordered.got.length} attempts where order is promised, ${loose.got.length} where not, for ${EVENTS} hooks each`,
  );
});

interface End {
  readonly acknowledged: number;
  readonly delivered: boolean;
  readonly killed: boolean;
}

async function run(root: string, from: number, life: number | undefined): Promise<End> {
  const child = spawn(
    process.execPath,
    ['--conditions=plimsoll-source', program, root, String(from), String(EVENTS)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let acknowledged = 0;
  let delivered = false;
  let killed = false;
  let timer: NodeJS.Timeout | undefined;
  createInterface(child.stdout).on('line', line => {
    // Its life begins with its first hook: a process that still loads has nothing to lose.
    if (life !== undefined)
      timer ??= setTimeout(() => {
        killed = child.kill('SIGKILL');
      }, life);
    if (line === 'delivered') delivered = true;
    else if (line !== 'raised') acknowledged = Number(line);
  });
  await new Promise(resolve => child.on('close', resolve));
  clearTimeout(timer);
  return { acknowledged, delivered, killed };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
