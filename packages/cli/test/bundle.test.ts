import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { init } from 'plimsoll';
import { project, start } from './support.ts';

const LOOPBACK = { address: '127.0.0.1' };

test('bundle show says what is in a bundle of a service, why, and what was redacted', async t => {
  const cwd = project(t);
  mkdirSync(join(cwd, 'config'));
  const config = {
    features: { enable_observability: true },
    telemetry: { telemetry_opt_in: true, diagnostics_opt_in: true, dry_run: true },
  };
  writeFileSync(join(cwd, 'config/plimsoll.json'), JSON.stringify(config));
  const obs = await init({
    ...{ service: 'bundle', env: 'test', runtimeRoot: cwd, log: { stdout: false } },
    telemetry: { ci: '' },
  });
  t.after(() => obs.close());
  assert.equal(obs.telemetry.event('kit.opened', { user_id: 'anna-48213' }), true);
  const answer = await obs.ops.handle(new Request('http://127.0.0.1/api/telemetry/diagnostics'), LOOPBACK);
  assert.equal(answer?.status, 200);
  writeFileSync(join(cwd, 'b.zip'), Buffer.from((await answer?.arrayBuffer()) ?? new ArrayBuffer()));
  const show = (...words: string[]) => start(t, ['bundle', 'show', ...words], { cwd }).ended;

  const shown = await show('b.zip');
  assert.equal(shown.code, 0, shown.err);
  for (const name of ['manifest.json', 'telemetry.json', 'crashes.json']) {
    assert.match(shown.out, new RegExp(`${name}, \\d+ bytes\\n {2}why {7}\\S.*\\n {2}redacted {2}\\S`));
  }
  assert.match(shown.out, /consent {3}.*telemetry_opt_in true/);
  const { manifest, members } = JSON.parse((await show('b.zip', '--json')).out);
  assert.equal(members.length, 3);
  assert.match(manifest.anonymous_id, /^[0-9a-f]{32}$/);
  const { events } = JSON.parse((await show('b.zip', '--member', 'telemetry.json')).out);
  assert.equal(events[0].event, 'kit.opened');
  assert.doesNotMatch(JSON.stringify(events), /anna/);

  assert.equal((await show('b.zip', '--member', 'other.json')).code, 1);
  writeFileSync(join(cwd, 'none.zip'), 'no zip');
  const none = await show('none.zip');
  assert.deepEqual([none.code, none.out], [1, '']);
  assert.match(none.err, /is no diagnostics bundle/);
  assert.match((await show('missing.zip')).err, /can't be read \(ENOENT\)/);
});
