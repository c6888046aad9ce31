import { PlimsollError } from '../../../base/errors.ts';
import type { Database, Query } from './sql.ts';

/**
 * Each step is run once, in order. Rows that are filtered are narrow, so that a filter reads few pages; what is only
 * shown stands in a table of its own. A tag repeats what it is filtered together with, so that one index answers.
 */
const STEPS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE plimsoll_assets (
      id $ID, project_id TEXT NOT NULL, uid TEXT NOT NULL, type TEXT NOT NULL, hash TEXT NOT NULL,
      bytes BIGINT NOT NULL, license_key TEXT NOT NULL, path TEXT NOT NULL, mirror TEXT NOT NULL,
      created_at TEXT NOT NULL)`,
    'CREATE UNIQUE INDEX plimsoll_assets_uid ON plimsoll_assets (project_id, uid)',
    'CREATE UNIQUE INDEX plimsoll_assets_hash ON plimsoll_assets (project_id, hash)',
    'CREATE UNIQUE INDEX plimsoll_assets_mirror ON plimsoll_assets (project_id, mirror)',
    'CREATE INDEX plimsoll_assets_type ON plimsoll_assets (project_id, type, id)',
    'CREATE INDEX plimsoll_assets_license ON plimsoll_assets (project_id, license_key, id)',
    'CREATE INDEX plimsoll_assets_both ON plimsoll_assets (project_id, type, license_key, id)',
    `CREATE TABLE plimsoll_asset_docs (
      asset_id $KEY PRIMARY KEY REFERENCES plimsoll_assets (id) ON DELETE CASCADE,
      meta TEXT NOT NULL, extras TEXT NOT NULL, previews TEXT NOT NULL)`,
    `CREATE TABLE plimsoll_asset_search (
      asset_id $KEY PRIMARY KEY REFERENCES plimsoll_assets (id) ON DELETE CASCADE,
      project_id TEXT NOT NULL, search TEXT NOT NULL)`,
    `CREATE TABLE plimsoll_asset_paths (
      project_id TEXT NOT NULL, path TEXT NOT NULL, at BIGINT NOT NULL,
      asset_id BIGINT NOT NULL REFERENCES plimsoll_assets (id) ON DELETE CASCADE, PRIMARY KEY (project_id, path))`,
    'CREATE INDEX plimsoll_asset_paths_asset ON plimsoll_asset_paths (asset_id)',
    `CREATE TABLE plimsoll_asset_tags (
      project_id TEXT NOT NULL, tag TEXT NOT NULL,
      asset_id BIGINT NOT NULL REFERENCES plimsoll_assets (id) ON DELETE CASCADE,
      type TEXT NOT NULL, license_key TEXT NOT NULL, PRIMARY KEY (project_id, tag, asset_id))$ROWLESS`,
    'CREATE INDEX plimsoll_asset_tags_asset ON plimsoll_asset_tags (asset_id)',
    `CREATE TABLE plimsoll_asset_provenance (
      id $ID, project_id TEXT NOT NULL,
      asset_id BIGINT NOT NULL REFERENCES plimsoll_assets (id) ON DELETE CASCADE,
      source TEXT NOT NULL, workflow_hash TEXT, commit_hash TEXT, inputs_json TEXT NOT NULL, c2pa_like TEXT,
      user_id TEXT, created_at TEXT NOT NULL)`,
    'CREATE INDEX plimsoll_asset_provenance_asset ON plimsoll_asset_provenance (asset_id)',
  ],
  // A page of all assets in their order; without it SQLite sorts every row for each page (14 s for an audit of 100,000).
  ['CREATE INDEX plimsoll_assets_order ON plimsoll_assets (project_id, id)'],
];

const ID = {
  sqlite: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  postgres: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
} as const;
/** SQLite finds a row by its number at once where the key's type is this word. */
const KEY = { sqlite: 'INTEGER', postgres: 'BIGINT' } as const;
const ROWLESS = { sqlite: ' WITHOUT ROWID', postgres: '' } as const;
/** Any number will do, as long as all processes of this package take the same. */
const LOCK = 7_270_070;

/** Brings the tables up to date; several processes may do so at once. A version from the future is left alone. */
export async function migrate(db: Database): Promise<void> {
  await db.transaction(async query => {
    if (db.dialect === 'postgres') await query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    await query('CREATE TABLE IF NOT EXISTS plimsoll_assets_schema (version BIGINT NOT NULL)');
    const version = await versionOf(query);
    if (version > STEPS.length) throw new PlimsollError('PLIMSOLL_ASSETS_NEWER');
    for (const step of STEPS.slice(version)) {
      for (const text of step) await query(inDialect(text, db.dialect));
    }
    if (version === STEPS.length) return;
    await query('DELETE FROM plimsoll_assets_schema');
    await query('INSERT INTO plimsoll_assets_schema (version) VALUES (?)', [STEPS.length]);
  });
}

async function versionOf(query: Query): Promise<number> {
  const rows = await query('SELECT version FROM plimsoll_assets_schema');
  return Number(rows[0]?.['version'] ?? 0);
}

function inDialect(text: string, dialect: Database['dialect']): string {
  return text.replace('$ID', ID[dialect]).replace('$KEY', KEY[dialect]).replace('$ROWLESS', ROWLESS[dialect]);
}
