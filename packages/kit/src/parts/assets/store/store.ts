import type { AssetFilter } from '../gate.ts';
import { foundBy } from './filter.ts';
import { COLUMNS, type Draft, folded, type Metadata, type Previews, type Put, type Stored } from './rows.ts';
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
    const { query, dialect } = this.#db;
    const tags = await this.#rarestFirst(filter.tags ?? []);
    const found = foundBy(dialect, this.#options.project, { ...filter, tags });
    const { id, from, where, values } = found;
    const page = `FROM ${from} WHERE ${where} ORDER BY ${id} DESC LIMIT ?`;
    const limited = [...values, filter.limit ?? 200];
    const total = async () =>
      Number(
        (await query(`SELECT count(*) AS total FROM ${from} WHERE ${where}`, values))[0]?.['total'] ?? 0,
      );
    if (!found.scans)
      return { items: await this.#page(`SELECT ${id} ${page}`, limited), total: await total() };
    // A second pass over every text would cost what the first did.
    const rows = await query(`SELECT ${id} AS id, count(*) OVER () AS total ${page}`, limited);
    const ids = rows.map(row => Number(row['id']));
    const items = ids.length === 0 ? [] : await this.#page(ids.map(() => '?').join(', '), ids);
    return { items, total: Number(rows[0]?.['total'] ?? 0) };
  }

  async #page(ids: string, values: readonly Value[]): Promise<readonly Stored[]> {
    const rows = await this.#db.query(
      `SELECT ${COLUMNS} FROM ${FROM} WHERE a.id IN (${ids}) ORDER BY a.id DESC`,
      values,
    );
    return readWhole(this.#db.query, rows);
  }

  /** The rows of the rarest tag are the ones to look through. */
  async #rarestFirst(tags: readonly string[]): Promise<readonly string[]> {
    const all = [...new Set(tags.map(folded))];
    if (all.length < 2) return all;
    const counted = await this.#db.query(
      `SELECT tag, count(*) AS total FROM plimsoll_asset_tags
        WHERE project_id = ? AND tag IN (${all.map(() => '?').join(', ')}) GROUP BY tag`,
      [this.#options.project, ...all],
    );
    const count = new Map(counted.map(row => [String(row['tag']), Number(row['total'])]));
    return all.sort((a, b) => (count.get(a) ?? 0) - (count.get(b) ?? 0));
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
