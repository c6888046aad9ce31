import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMigration, migrationCheck } from '../../../src/signals/health/migrations.ts';

const { signal } = new AbortController();

test('versions compare as numbers, with or without padding', () => {
  const cases: [current: string, required: string, ok: boolean][] = [
    ['10', '9', true],
    ['9', '10', false],
    ['0008', '8', true],
    ['8', '0008', true],
    ['0007', '0008', false],
    ['0008_add_rooms', '0008', true],
    ['v12', '9', true],
    ['1.10', '1.9', true],
    ['1.9', '1.10', false],
    ['2', '1.9.9', true],
    ['20260304100000123456', '20260304100000123455', true],
    ['head', 'head', true],
    ['head', '0008', false],
    ['', '', true],
  ];
  for (const [current, required, ok] of cases) {
    assert.equal(checkMigration(current, required), ok, `${current} against ${required}`);
  }
});

test('a passed check and an old one show both versions', async () => {
  const at = (version: string) => migrationCheck({ version: async () => version, required: '0008' })(signal);
  assert.deepEqual(await at('10'), { ok: true, version: '10', required: '0008' });
  assert.deepEqual(await at('0007'), { ok: false, version: '0007', required: '0008' });
});

test('an empty table is no_migrations, and a failed query is pool_unavailable', async () => {
  const empty = migrationCheck({ version: () => undefined, required: '1' });
  assert.deepEqual(await empty(signal), { ok: false, error: 'no_migrations' });
  const down = migrationCheck({
    version: () => Promise.reject(new Error('connect ECONNREFUSED')),
    required: '1',
  });
  await assert.rejects(down(signal) as Promise<unknown>, { code: 'pool_unavailable' });
});
