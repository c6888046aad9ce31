import type { AssetFilter } from '../gate.ts';
import { COLUMNS, type Draft, type Metadata, type Previews, type Put, type Stored, whereOf } from './rows.ts';
import { migrate } from './schema.ts';
import type { Database, Query, Value } from './sql.ts';
import { FROM, readOne, readWhole, type StoreOptions, Writer } from './write.ts';

export type { StoreOptions };

/** The rows of one project, in either dialect. What it resolved is on the disk. */
export class Store {
  readonly #db: Database;
  readonly #options: StoreOptions;

  constructor(db: Database, options: StoreOptions) {
    this.#db = db;
    this.#options = options;
  }

  static async open(db: Database, options: StoreOptions): Promise<Store> {
    await migrate(db);
    return new Store(db, options);
  }

  /** Adds assets, or merges into those of the same hash; one transaction for all of them. */
  async put(drafts: readonly Draft[]): Promise<readonly Put[]> {
    return this.#db.transaction(async query => {
      const out: Put[] = [];
      const writer = new Writer(query, this.#options);
      for (const draft of drafts) out.push(await writer.put(draft));
      return out;
    });
  }

  /** By uid first: sixteen digits may happen to be a number too. */
  async get(id: string): Promise<Stored | undefined> {
    const byUid = await this.#one(this.#db.query, 'a.uid = ?', id.toLowerCase());
    if (byUid !== undefined || !/^\d{1,15}$/.test(id)) return byUid;
    return this.#one(this.#db.query, 'a.id = ?', Number(id));
  }

  byPath(path: string): Promise<Stored | undefined> {
    const owner = 'a.id IN (SELECT asset_id FROM plimsoll_asset_paths WHERE project_id = ? AND path = ?)';
    return this.#one(this.#db.query, owner, this.#options.project, path);
  }

  byHash(hash: string): Promise<Stored | undefined> {
    return this.#one(this.#db.query, 'a.hash = ?', hash);
  }

  #one(query: Query, condition: string, ...values: readonly Value[]): Promise<Stored | undefined> {
    return readOne({ query, project: this.#options.project }, condition, values);
  }

  async find(filter: AssetFilter): Promise<{ items: readonly Stored[]; total: number }> {
    const where = whereOf(this.#options.project, filter);
    const from = where.docs ? FROM : 'plimsoll_assets a';
    const [count] = await this.#db.query(
      `SELECT count(*) AS total FROM ${from} WHERE ${where.text}`,
      where.values,
    );
    const rows = await this.#db.query(
      `SELECT ${COLUMNS} FROM ${FROM} WHERE ${where.text} ORDER BY a.id DESC LIMIT ?`,
      [...where.values, filter.limit ?? 200],
    );
    return { items: await readWhole(this.#db.query, rows), total: Number(count?.['total'] ?? 0) };
  }

  /** Every asset, in pages, in the order of their ids. */
  async *all(page = 500): AsyncGenerator<readonly Stored[]> {
    for (let last = 0; ; ) {
      const rows = await this.#db.query(
        `SELECT ${COLUMNS} FROM ${FROM} WHERE a.project_id = ? AND a.id > ? ORDER BY a.id LIMIT ?`,
        [this.#options.project, last, page],
      );
      if (rows.length === 0) return;
      yield await readWhole(this.#db.query, rows);
      last = Number(rows.at(-1)?.['id']);
    }
  }

  /** New metadata in place of the old. */
  async update(id: number, meta: Metadata): Promise<Stored> {
    return this.#db.transaction(async query => {
      const known = (await this.#one(query, 'a.id = ?', id)) as Stored;
      await new Writer(query, this.#options).describe(id, { ...known, meta });
      return (await this.#one(query, 'a.id = ?', id)) as Stored;
    });
  }

  async previews(id: number, previews: Previews): Promise<Stored | undefined> {
    await this.#db.query('UPDATE plimsoll_asset_docs SET previews = ? WHERE asset_id = ?', [
      JSON.stringify(previews),
      id,
    ]);
    return this.#one(this.#db.query, 'a.id = ?', id);
  }

  /** With everything that hangs on it: paths, tags, provenance. */
  async remove(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#db.query(`DELETE FROM plimsoll_assets WHERE id IN (${ids.map(() => '?').join(', ')})`, ids);
  }

  /** Forgets a path; an asset without any is gone with the last one, and is given back. */
  async forget(paths: readonly string[]): Promise<readonly Stored[]> {
    const { project } = this.#options;
    return this.#db.transaction(async query => {
      const gone: Stored[] = [];
      for (const path of paths) {
        const [row] = await query(
          'DELETE FROM plimsoll_asset_paths WHERE project_id = ? AND path = ? RETURNING asset_id',
          [project, path],
        );
        if (row === undefined) continue;
        const id = Number(row['asset_id']);
        const asset = await this.#one(query, 'a.id = ?', id);
        const [left] = await query('SELECT 1 AS at FROM plimsoll_asset_paths WHERE asset_id = ? LIMIT 1', [
          id,
        ]);
        if (left !== undefined) await new Writer(query, this.#options).promote(id);
        else if (asset !== undefined) {
          gone.push(asset);
          await query('DELETE FROM plimsoll_assets WHERE id = ?', [id]);
        }
      }
      return gone;
    });
  }

  /** Assets without a path: their files hold something else now. */
  async orphans(): Promise<readonly Stored[]> {
    const rows = await this.#db.query(
      `SELECT ${COLUMNS} FROM ${FROM} WHERE a.project_id = ? AND NOT EXISTS
        (SELECT 1 FROM plimsoll_asset_paths p WHERE p.asset_id = a.id) LIMIT 500`,
      [this.#options.project],
    );
    return readWhole(this.#db.query, rows);
  }

  async *paths(page = 2000): AsyncGenerator<readonly string[]> {
    for (let last = ''; ; ) {
      const rows = await this.#db.query(
        'SELECT path FROM plimsoll_asset_paths WHERE project_id = ? AND path > ? ORDER BY path LIMIT ?',
        [this.#options.project, last, page],
      );
      if (rows.length === 0) return;
      yield rows.map(row => String(row['path']));
      last = String(rows.at(-1)?.['path']);
    }
  }

  /** How much there is, for the smoke check. */
  async count(type?: string): Promise<number> {
    return (await this.find({ limit: 1, ...(type !== undefined && { type }) })).total;
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}
