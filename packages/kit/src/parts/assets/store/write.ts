import type { AssetProvenance } from '../gate.ts';
import {
  type Bag,
  COLUMNS,
  type Draft,
  folded,
  type Metadata,
  type Put,
  provenanceOf,
  type Stored,
  searchText,
  storedOf,
} from './rows.ts';
import type { Query, Row, Value } from './sql.ts';

export interface StoreOptions {
  readonly project: string;
  readonly now: () => string;
  /** New metadata over what is there. */
  readonly merge: (known: Metadata | undefined, given: Bag) => Metadata;
}

const UID = 16;
export const FROM = 'plimsoll_assets a JOIN plimsoll_asset_docs d ON d.asset_id = a.id';

type Description = Pick<Stored, 'meta' | 'extras' | 'paths' | 'type'>;

/** Changes of rows within one transaction. */
export class Writer {
  readonly #query: Query;
  readonly #options: StoreOptions;

  constructor(query: Query, options: StoreOptions) {
    this.#query = query;
    this.#options = options;
  }

  async put(draft: Draft): Promise<Put> {
    const { project, now, merge } = this.#options;
    const known = await this.#one('a.hash = ?', draft.hash);
    const meta = merge(known?.meta, draft.meta);
    const extras = { ...known?.extras, ...draft.extras };
    const id = known?.id ?? (await this.#insert(draft, meta));
    await this.#take(id, draft.path);
    const paths = known === undefined ? [draft.path] : [...new Set([...known.paths, draft.path])];
    await this.describe(id, { meta, extras, paths, type: known?.type ?? draft.type });
    if (draft.provenance !== undefined) {
      const { source, workflowHash, commitHash, userId, inputs, c2paLike } = draft.provenance;
      const c2pa = c2paLike === null ? null : JSON.stringify(c2paLike);
      await this.#query(
        `INSERT INTO plimsoll_asset_provenance (project_id, asset_id, source, workflow_hash, commit_hash, inputs_json,
          c2pa_like, user_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [project, id, source, workflowHash, commitHash, JSON.stringify(inputs), c2pa, userId, now()],
      );
    }
    const asset = (await this.#one('a.id = ?', id)) as Stored;
    return { asset, fresh: known === undefined };
  }

  async #insert(draft: Draft, meta: Metadata): Promise<number> {
    const { project, now } = this.#options;
    const uid = await this.#freeUid(draft.hash);
    const mirror = await this.#freeMirror([...draft.mirrors, `_meta/${uid}.json`]);
    const rows = await this.#query(
      `INSERT INTO plimsoll_assets (project_id, uid, type, hash, bytes, license_key, path, mirror, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      [
        project,
        uid,
        draft.type,
        draft.hash,
        draft.bytes,
        folded(meta.license ?? ''),
        draft.path,
        mirror,
        now(),
      ],
    );
    const id = Number(rows[0]?.['id']);
    await this.#query('INSERT INTO plimsoll_asset_docs VALUES (?, ?, ?, ?)', [id, '{}', '{}', '{}']);
    await this.#query('INSERT INTO plimsoll_asset_search VALUES (?, ?, ?)', [id, project, '']);
    return id;
  }

  /** Sixteen digits, and four more for as long as another asset has them. */
  async #freeUid(hash: string): Promise<string> {
    for (let length = UID; length < hash.length; length += 4) {
      const uid = hash.slice(0, length);
      const taken = await this.#query(
        'SELECT 1 AS at FROM plimsoll_assets WHERE project_id = ? AND uid = ?',
        [this.#options.project, uid],
      );
      if (taken.length === 0) return uid;
    }
    return hash;
  }

  async #freeMirror(names: readonly string[]): Promise<string> {
    for (const name of names.slice(0, -1)) {
      const taken = await this.#query(
        'SELECT 1 AS at FROM plimsoll_assets WHERE project_id = ? AND mirror = ?',
        [this.#options.project, name],
      );
      if (taken.length === 0) return name;
    }
    return names.at(-1) as string;
  }

  /** Gives a path to an asset; the one that had it before has other bytes, and no longer those of this file. */
  async #take(id: number, path: string): Promise<void> {
    const { project } = this.#options;
    const [had] = await this.#query(
      'SELECT asset_id FROM plimsoll_asset_paths WHERE project_id = ? AND path = ?',
      [project, path],
    );
    if (Number(had?.['asset_id'] ?? -1) === id) return;
    await this.#query('DELETE FROM plimsoll_asset_paths WHERE project_id = ? AND path = ?', [project, path]);
    await this.#query(
      'INSERT INTO plimsoll_asset_paths (project_id, path, at, asset_id) VALUES (?, ?, ?, ?)',
      [...[project, path, Date.now(), id]],
    );
    if (had !== undefined) await this.promote(Number(had['asset_id']));
  }

  /** The first of the paths that are left is now the asset's. */
  async promote(id: number): Promise<void> {
    const [next] = await this.#query(
      'SELECT path FROM plimsoll_asset_paths WHERE asset_id = ? ORDER BY at, path LIMIT 1',
      [id],
    );
    if (next !== undefined)
      await this.#query('UPDATE plimsoll_assets SET path = ? WHERE id = ?', [next['path'] as string, id]);
  }

  async describe(id: number, { meta, extras, paths, type }: Description): Promise<void> {
    const { project } = this.#options;
    const license = folded(meta.license ?? '');
    await this.#query('UPDATE plimsoll_asset_docs SET meta = ?, extras = ? WHERE asset_id = ?', [
      ...[JSON.stringify(meta), JSON.stringify(extras), id],
    ]);
    await this.#query('UPDATE plimsoll_asset_search SET search = ? WHERE asset_id = ?', [
      ...[searchText(paths, meta), id],
    ]);
    await this.#query('UPDATE plimsoll_assets SET license_key = ? WHERE id = ?', [license, id]);
    await this.#query('DELETE FROM plimsoll_asset_tags WHERE asset_id = ?', [id]);
    const columns = '(project_id, tag, asset_id, type, license_key)';
    for (const tag of new Set(meta.tags.map(folded))) {
      await this.#query(`INSERT INTO plimsoll_asset_tags ${columns} VALUES (?, ?, ?, ?, ?)`, [
        ...[project, tag, id, type, license],
      ]);
    }
  }

  #one(condition: string, value: Value): Promise<Stored | undefined> {
    return readOne({ query: this.#query, project: this.#options.project }, condition, [value]);
  }
}

export async function readOne(
  { query, project }: { query: Query; project: string },
  condition: string,
  values: readonly Value[],
): Promise<Stored | undefined> {
  const text = `SELECT ${COLUMNS} FROM ${FROM} WHERE a.project_id = ? AND ${condition}`;
  const [row] = await query(text, [project, ...values]);
  return row && (await readWhole(query, [row]))[0];
}

/** The rows with their paths and their newest provenance. */
export async function readWhole(query: Query, rows: readonly Row[]): Promise<readonly Stored[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(row => Number(row['id']));
  const marks = ids.map(() => '?').join(', ');
  const paths = await query(
    `SELECT asset_id, path FROM plimsoll_asset_paths WHERE asset_id IN (${marks}) ORDER BY at, path`,
    ids,
  );
  const records = await query(
    `SELECT * FROM plimsoll_asset_provenance WHERE asset_id IN (${marks}) ORDER BY id`,
    ids,
  );
  const pathsOf = Map.groupBy(paths, row => Number(row['asset_id']));
  const recordOf = new Map(records.map(row => [Number(row['asset_id']), row]));
  return rows.map(row => {
    const id = Number(row['id']);
    const record = recordOf.get(id);
    const provenance: AssetProvenance | undefined = record && provenanceOf(record, String(row['uid']));
    return storedOf(
      row,
      (pathsOf.get(id) ?? []).map(one => String(one['path'])),
      provenance,
    );
  });
}
