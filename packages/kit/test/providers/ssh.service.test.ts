import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { json, startService } from '../parts/support.ts';
import { HOW, hasSshd, type Machine, startMachine } from './sshd.ts';

const flags = ['enable_providers'];
const required = process.env['PLIMSOLL_TEST_REQUIRE'] === 'all';
const SECRET = 'zz-Container-222';

suite('a machine over SSH', { skip: hasSshd() || required ? false : HOW }, () => {
  let machine: Machine;
  before(async () => {
    machine = await startMachine();
  });
  after(() => machine?.stop());

  const start = (t: import('node:test').TestContext, ssh = machine.ssh) =>
    startService(t, { flags, providers: { ssh: [...ssh], timeoutMs: 15_000, budgetMs: 20_000 } });
  const entry = (more: object = {}) => ({
    ...{ id: 'own', service: 'ssh', base_url: machine.url },
    config: { identity_file: machine.identity, ...more },
  });

  test('tells its system and its tools, what is left on it, and the images that it has', async t => {
    const { ask, obs } = await start(t);
    machine.install(
      'docker',
      `case "$1" in images) printf 'comfy\\t1.2\\t3GB\\n<none>\\t<none>\\t1GB\\n';; esac`,
    );
    await obs.providers.register(entry({ note: SECRET, api_key: SECRET }));
    const { status } = (await ask('/api/providers/health?id=own')).body;
    assert.deepEqual([status.ok, status.error, status.level], [true, null, 'ok'], JSON.stringify(status));
    assert.match(status.summary, /^Linux [\d.]+.*, docker/);
    assert.match(status.details.system, /^Linux /);
    assert.equal(typeof status.latency_ms, 'number');
    const quota = (await ask('/api/providers/quota?id=own')).body;
    assert.deepEqual([quota.ok, quota.code, quota.provider_id], [false, 'quota_failed', 'own']);
    assert.deepEqual([quota.results.disk.ok, quota.results.disk.returncode], [true, 0]);
    assert.match(quota.results.disk.stdout, /Filesystem/);
    assert.deepEqual([quota.results.gpu.ok, quota.results.gpu.returncode], [false, 127]);
    assert.equal(quota.results.docker.ok, true);
    machine.install('nvidia-smi', `echo "GPU A, 24576 MiB, 12 MiB, 3 %"; echo "${SECRET}" >&2`);
    const whole = await ask('/api/providers/quota?id=own');
    assert.deepEqual([whole.body.ok, whole.body.code], [true, undefined]);
    assert.match(whole.body.results.gpu.stdout, /^GPU A/);
    assert.equal(whole.body.results.gpu.stderr, '********');
    assert.deepEqual((await ask('/api/providers/templates?id=own')).body.templates, [
      { id: 'comfy:1.2', name: 'comfy', tag: '1.2', size: '3GB' },
    ]);
  });

  test('is made ready with the folders that are wanted, below its home and nowhere else', async t => {
    const { ask, obs } = await start(t);
    const bootstrap = async () => (await ask('/api/providers/bootstrap', json({ id: 'own' }))).body;
    await obs.providers.register(entry({ folders: ['work/models', 'work/nodes'] }));
    const done = await bootstrap();
    assert.deepEqual([done.ok, done.steps], [true, [{ name: 'folders', ok: true }]], JSON.stringify(done));
    for (const name of ['models', 'nodes']) assert.ok(existsSync(join(machine.home, 'work', name)));
    assert.equal(done.details.quota.provider_id, 'own');
    for (const folder of ['../out', 'a; touch pwned', '/etc/x', '-p', 'a$(id)']) {
      await obs.providers.register(entry({ folders: [folder] }));
      const refused = await bootstrap();
      assert.deepEqual(
        [refused.ok, refused.code, refused.steps[0].ok],
        [false, 'bootstrap_failed', false],
        folder,
      );
    }
    assert.ok(!existsSync(join(machine.home, 'pwned')));
  });

  test('a key that is not let in, and a machine that nobody knows, are errors in words of ours', async t => {
    const { obs } = await start(t);
    await obs.providers.register({ ...entry(), config: { identity_file: `${machine.identity}.pub` } });
    assert.equal((await obs.providers.check('own')).error, 'credentials rejected');
    const other = await start(t, machine.stranger);
    await other.obs.providers.register(entry());
    assert.equal((await other.obs.providers.check('own')).error, 'host key not known');
  });
});
