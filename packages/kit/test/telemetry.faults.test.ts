import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CONFIG,
  CONSENT,
  client,
  FLAG_ON,
  type Json,
  newRoot,
  telemetryApp,
  writeJson,
} from './support/telemetry-app.ts';

const PROGRAM = join(import.meta.dirname, 'support/programs/telemetry-service.ts');
const EVENTS = 10_000;
const AT_ONCE = 32;
const NAMES = 400;

interface Service {
  readonly child: ChildProcess;
  readonly ask: ReturnType<typeof client>;
}

async function start(t: TestContext, root: string): Promise<Service> {
  const { CI: _ci, DO_NOT_TRACK: _dnt, ...env } = process.env;
  const child = fork(PROGRAM, [root], { env });
  t.after(() => child.kill('SIGKILL'));
  const [port] = (await once(child, 'message')) as [number];
  return { child, ask: client(`http://127.0.0.1:${port}`) };
}

async function kill({ child }: Service): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function close({ child }: Service): Promise<void> {
  const ended = once(child, 'exit');
  child.send('close');
  await ended;
}

/** What was acknowledged for sure, and what may or may not have been kept. */
class Tally {
  readonly acknowledged = new Map<string, number>();
  readonly unknown = new Map<string, number>();

  add(map: Map<string, number>, name: string): void {
    map.set(name, (map.get(name) ?? 0) + 1);
  }

  check(features: Record<string, { total: number }>, when: string): void {
    for (let n = 0; n < NAMES; n++) {
      const name = `f${n}x`;
      const total = features[name]?.total ?? 0;
      const least = this.acknowledged.get(name) ?? 0;
      const most = least + (this.unknown.get(name) ?? 0);
      assert.ok(total >= least && total <= most, `${when}: ${name} is ${total}, not ${least} to ${most}`);
    }
  }
}

function intact(root: string): void {
  for (const path of [CONFIG, 'logs/telemetry/usage.json', 'config/telemetry/anonymizer.json']) {
    if (existsSync(join(root, path))) JSON.parse(readFileSync(join(root, path), 'utf8'));
  }
}

test('ten thousand events and changes of consent, killed again and again: each acknowledged one counts once', async t => {
  const root = newRoot(t);
  writeJson(join(root, CONFIG), { ...FLAG_ON, ...CONSENT, mine: { kept: [1, 2, 3] } });
  const tally = new Tally();
  let service = await start(t, root);
  let sent = 0;
  let changes = 0;
  let kills = 0;
  let consent: { crash: boolean; unsure: boolean } = { crash: false, unsure: false };
  const one = async (): Promise<void> => {
    const { ask } = service;
    sent += 1;
    const name = `f${sent % NAMES}x`;
    try {
      const { body } = await ask.post('features', { feature: name });
      assert.equal(body['recorded'], true);
      tally.add(tally.acknowledged, name);
    } catch (error) {
      if ((error as Error).name === 'AssertionError') throw error;
      tally.add(tally.unknown, name);
    }
  };
  const change = async (): Promise<void> => {
    const crash = !consent.crash;
    consent = { crash, unsure: true };
    const answer = await service.ask.post('settings', { crash_opt_in: crash }).catch(() => undefined);
    if (answer?.status === 200) consent = { crash, unsure: false };
    changes += 1;
  };
  while (sent < EVENTS) {
    let killed = false;
    const worker = async (): Promise<void> => {
      while (!killed && sent < EVENTS) await one();
    };
    const consents = async (): Promise<void> => {
      while (!killed) {
        await change();
        await sleep(20);
      }
    };
    const round = Promise.all([consents(), ...Array.from({ length: AT_ONCE }, worker)]);
    // In the middle of it, whatever it does just then.
    const most = sent + 1500 * Math.random();
    const at = performance.now() + 200 + Math.random() * 6000;
    while (performance.now() < at && sent < most) await sleep(5);
    const ending = kill(service);
    killed = true;
    await ending;
    await round;
    kills += 1;
    intact(root);
    service = await start(t, root);
    const summary = (await service.ask.get('summary')).body;
    tally.check(summary['features'] as Record<string, { total: number }>, `after kill ${kills}`);
    if (!consent.unsure) assert.equal((summary['consent'] as Json)['crash_opt_in'], consent.crash);
    consent = { crash: Boolean((summary['consent'] as Json)['crash_opt_in']), unsure: false };
  }
  await close(service);
  intact(root);
  const app = await telemetryApp(t, { root });
  tally.check(app.obs.telemetry.summary().features as Record<string, { total: number }>, 'in the end');
  const acknowledged = [...tally.acknowledged.values()].reduce((sum, n) => sum + n, 0);
  assert.deepEqual((JSON.parse(readFileSync(join(root, CONFIG), 'utf8')) as Json)['mine'], {
    kept: [1, 2, 3],
  });
  t.diagnostic(`${acknowledged} acknowledged, ${kills} kills, ${changes} changes of consent`);
  assert.ok(kills >= 5 && acknowledged > EVENTS / 2);
});

test('two processes with one runtime root count everything once, though one is killed', async t => {
  const root = newRoot(t);
  writeJson(join(root, CONFIG), { ...FLAG_ON, ...CONSENT });
  const services = await Promise.all([start(t, root), start(t, root)]);
  let counted = 0;
  for (let round = 0; round < 5; round++) {
    const answers = services.map(async ({ child }) => {
      const answer = once(child, 'message');
      child.send({ features: 300, name: 'shared' });
      const [{ counted: more }] = (await answer) as [{ counted: number }];
      counted += more;
    });
    await Promise.all(answers);
    await sleep(300);
  }
  await kill(services[0]!);
  await close(services[1]!);
  const app = await telemetryApp(t, { root });
  assert.equal(counted, 3000);
  assert.equal(app.obs.telemetry.summary().features['shared']?.total, 3000);
});

test('what one process forgets, the other one does not bring back', async t => {
  const root = newRoot(t);
  writeJson(join(root, CONFIG), { ...FLAG_ON, ...CONSENT });
  const [one, two] = (await Promise.all([start(t, root), start(t, root)])) as [Service, Service];
  await one.ask.post('features', { feature: 'before' });
  await two.ask.post('features', { feature: 'before' });
  await one.ask.post('forget');
  const recorded = async (): Promise<boolean> =>
    (await two.ask.post('features', { feature: 'after' })).body['recorded'] === true;
  while (!(await recorded())) await sleep(20);
  await Promise.all([close(one), close(two)]);
  const app = await telemetryApp(t, { root });
  const { features, anonymous_id } = app.obs.telemetry.summary();
  assert.deepEqual(Object.keys(features), ['after']);
  assert.match(String(anonymous_id), /^[0-9a-f]{32}$/);
});
