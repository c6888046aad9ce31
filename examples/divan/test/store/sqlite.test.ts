import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from '../../src/store/open.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { storeContract } from './contract.ts';

storeContract('sqlite', async () => openStore({}));

test('a SQLite file keeps its rows and its version across a restart', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'divan-'));
  t.after(() => rm(folder, { recursive: true }));
  const sqlitePath = join(folder, 'divan.sqlite');
  const first = openStore({ sqlitePath });
  await first.migrate();
  await first.groups.createRoom({ roomId: 'r', name: 'Chess', ownerId: 'a', at: 1 });
  await first.close();
  const second = openStore({ sqlitePath });
  t.after(() => second.close());
  assert.match((await second.version()) ?? '', /^\d{4}$/);
  assert.equal((await second.groups.room('r'))?.name, 'Chess');
});

test('a closed SQLite store is unavailable', async () => {
  const store = openStore({});
  await store.close();
  await store.close();
  await assert.rejects(store.ping(), StoreUnavailable);
});
