import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdbStore } from '../../src/store/duckdb/store.ts';
import { storeContract } from './contract.ts';

storeContract('duckdb', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'plimsoll-store-'));
  const store = await openDuckdbStore({ dir });
  t.after(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  return store;
});
