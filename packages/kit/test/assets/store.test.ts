import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openSqlite } from '../../src/parts/assets/store/sqlite.ts';
import { storeContract } from './contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-assets-'));
after(() => rmSync(folder, { recursive: true, force: true }));

storeContract('SQLite', () => openSqlite(join(folder, 'assets.db')));
