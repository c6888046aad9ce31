import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CONFIG, type Json, newRoot, telemetryApp, writeJson } from './support/telemetry-app.ts';
import { telemetryChecklist } from './support/telemetry-checklist.ts';

interface Told {
  readonly parts: readonly string[];
  readonly recorded: readonly boolean[];
  readonly answers: readonly Json[];
  readonly opened: readonly string[];
  readonly later: readonly string[];
}

test('with every flag false nothing but the gate is loaded, no file of telemetry is opened, and the routes say so', async t => {
  const root = newRoot(t);
  const consent = { telemetry_opt_in: true, dry_run: false };
  writeJson(join(root, CONFIG), { features: { enable_observability: false }, telemetry: consent });
  writeJson(join(root, 'config/telemetry/anonymizer.json'), { secret: Buffer.alloc(32).toString('base64') });
  const child = fork(join(import.meta.dirname, 'support/programs/telemetry-off.ts'), [root]);
  t.after(() => child.kill('SIGKILL'));
  const [told] = (await once(child, 'message')) as [Told];
  const names = (urls: readonly string[]): string[] => urls.map(url => url.replace(/.*\/parts\//, ''));
  assert.deepEqual(names(told.parts), ['telemetry/gate.ts']);
  assert.deepEqual(told.recorded, [false, false, false, false]);
  assert.deepEqual(
    told.answers.slice(0, 2).map(answer => answer['recorded']),
    [false, false],
  );
  assert.equal(told.answers[2]?.['anonymous_id'], null);
  assert.equal(told.answers[3]?.['feature_flag'], false);
  assert.deepEqual(
    told.opened.filter(path => !path.endsWith(CONFIG) && !path.endsWith('/run.log')),
    [],
    'the config file, and the log that has nothing to do with it',
  );
  assert.ok(
    !names(told.later).some(name => /part|storage|recorder|secret|outbox/.test(name)),
    String(told.later),
  );
  assert.equal(existsSync(join(root, 'logs/telemetry')), false);
  assert.deepEqual(readdirSync(join(root, 'config')).sort(), ['plimsoll.json', 'telemetry']);
});

for (const hashing of ['stable', 'compatible'] as const) {
  test(`the seeds' checklist holds for a service that hashes the ${hashing} way`, async t => {
    const app = await telemetryApp(t, { options: { telemetry: { hashing } } });
    await telemetryChecklist({ base: app.url, root: app.root, compatible: hashing === 'compatible' });
  });
}
