import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { mergeMetadata } from '../../src/parts/assets/clean.ts';
import type { Draft } from '../../src/parts/assets/store/rows.ts';
import type { Database } from '../../src/parts/assets/store/sql.ts';
import { Store } from '../../src/parts/assets/store/store.ts';
import { sha256 } from './support.ts';

let count = 0;

export function draft(path: string, more: Partial<Draft> = {}): Draft {
  const hash = more.hash ?? sha256(path);
  const bare = path.replace(/\.[^.]+$/, '');
  return {
    hash,
    bytes: path.length,
    type: 'notes',
    path,
    meta: {},
    mirrors: [`_meta/${bare}.json`, `_meta/${path}.json`],
    ...more,
  };
}

/** What the rows must do on every database; each test has a project of its own. */
export function storeContract(name: string, open: () => Promise<Database>): void {
  suite(`the asset rows on ${name}`, () => {
    let db: Database;
    before(async () => {
      db = await open();
    });
    after(() => db?.close());
    const fresh = () =>
      Store.open(db, {
        project: `p${process.pid}-${count++}`,
        now: () => '2026-03-04T10:10:00.000Z',
        merge: mergeMetadata,
      });
    const pathsOf = async (store: Store, filter: object) =>
      (await store.find(filter)).items
        .map(({ path }) => path)
        .sort()
        .join(' ');

    test('keep what was put, and merge what has the same hash', async () => {
      const store = await fresh();
      const provenance = {
        source: 's',
        workflowHash: 'w',
        commitHash: null,
        userId: 'u',
        inputs: { a: [1] },
        c2paLike: null,
      };
      const meta = { tags: ['A'], license: 'MIT', title: 'ünï ?%_!' };
      const [first] = await store.put([draft('a.txt', { meta, extras: { x: 1 }, provenance })]);
      assert.deepEqual(
        [first?.fresh, first?.asset.uid, first?.asset.meta['title']],
        [true, sha256('a.txt').slice(0, 16), 'ünï ?%_!'],
      );
      const [again] = await store.put([
        draft('b.txt', { hash: sha256('a.txt'), meta: { tags: ['a', 'B'] }, extras: { y: 2 } }),
      ]);
      assert.deepEqual(
        [
          again?.fresh,
          again?.asset.id,
          again?.asset.meta.tags,
          again?.asset.meta.license,
          again?.asset.paths,
          again?.asset.extras,
        ],
        [false, first?.asset.id, ['A', 'B'], 'MIT', ['a.txt', 'b.txt'], { x: 1, y: 2 }],
      );
      assert.deepEqual(
        [again?.asset.provenance?.source, again?.asset.provenance?.inputs, again?.asset.bytes],
        ['s', { a: [1] }, 5],
      );
      assert.equal((await store.find({})).total, 1);
      assert.equal((await store.byPath('b.txt'))?.uid, first?.asset.uid);
      assert.equal((await store.get(String(first?.asset.id)))?.uid, first?.asset.uid);
    });

    test('give a longer uid where sixteen digits are another asset’s', async () => {
      const store = await fresh();
      const hashes = ['0', '1', '2'].map(
        digit => `${'ab'.repeat(8)}${digit === '2' ? '0000' : `${digit}000`}${digit.repeat(44)}`,
      );
      const puts = await store.put(hashes.map((hash, at) => draft(`${at}.txt`, { hash })));
      const uids = puts.map(({ asset }) => asset.uid);
      assert.deepEqual(
        uids.map(uid => uid.length),
        [16, 20, 20],
      );
      assert.equal(new Set(uids).size, 3);
      for (const [at, uid] of uids.entries()) assert.equal((await store.get(uid))?.hash, hashes[at]);
    });

    test('filter by type, hash, tags, licences and text, and count before the limit', async () => {
      const store = await fresh();
      await store.put([
        draft('i/a.png', { type: 'images', meta: { tags: ['Red', 'Big'], license: 'CC-BY' } }),
        draft('i/b.png', { type: 'images', meta: { tags: ['red'], license: 'cc0', words: ['x_y', 'Z'] } }),
        draft('n/c.txt', { meta: { tags: ['RED', 'big'], note: 'Half 50%' } }),
      ]);
      assert.equal(await pathsOf(store, { type: 'images' }), 'i/a.png i/b.png');
      assert.equal(await pathsOf(store, { tags: ['rEd', 'bIg'] }), 'i/a.png n/c.txt');
      assert.equal(await pathsOf(store, { tags: ['red'], licenses: ['CC0', 'cc-by'] }), 'i/a.png i/b.png');
      assert.equal(await pathsOf(store, { hash: sha256('n/c.txt').toUpperCase() }), 'n/c.txt');
      assert.equal(await pathsOf(store, { q: '50%' }), 'n/c.txt');
      assert.equal(await pathsOf(store, { q: 'X_Y' }), 'i/b.png');
      assert.equal(await pathsOf(store, { q: 'xay' }), '');
      const page = await store.find({ limit: 2 });
      assert.deepEqual([page.items.length, page.total], [2, 3]);
    });

    test('move a path that holds something else now, and forget what is gone with all that hangs on it', async () => {
      const store = await fresh();
      const provenance = {
        source: 's',
        workflowHash: null,
        commitHash: null,
        userId: null,
        inputs: {},
        c2paLike: null,
      };
      await store.put([draft('a.txt', { provenance, meta: { tags: ['t'] } })]);
      await store.put([draft('a.txt', { hash: sha256('new') })]);
      assert.equal((await store.byPath('a.txt'))?.hash, sha256('new'));
      const orphans = await store.orphans();
      assert.deepEqual(
        orphans.map(({ hash }) => hash),
        [sha256('a.txt')],
      );
      await store.remove(orphans.map(({ id }) => id));
      assert.equal(await pathsOf(store, { tags: ['t'] }), '');
      const left = await db.query(
        'SELECT count(*) AS total FROM plimsoll_asset_provenance WHERE asset_id = ?',
        [orphans[0]?.id ?? 0],
      );
      assert.equal(Number(left[0]?.['total']), 0);
      assert.deepEqual(
        (await store.forget(['a.txt', 'none.txt'])).map(({ path }) => path),
        ['a.txt'],
      );
      assert.equal(await store.count(), 0);
    });

    test('a batch is all or nothing', async () => {
      const store = await fresh();
      const bad = draft('bad.txt', { bytes: Number.NaN });
      await assert.rejects(store.put([draft('good.txt'), { ...bad, hash: null as never }]));
      assert.equal(await store.count(), 0);
      await store.put([draft('good.txt')]);
      assert.equal(await store.count(), 1);
    });

    test('give a mirror name of its own to each of two assets that want the same', async () => {
      const store = await fresh();
      const puts = await store.put([draft('x/a.png'), draft('x/a.wav')]);
      assert.deepEqual(
        puts.map(({ asset }) => asset.mirror),
        ['_meta/x/a.json', '_meta/x/a.wav.json'],
      );
    });

    test('walk all assets and all paths in pages', async () => {
      const store = await fresh();
      await store.put(Array.from({ length: 25 }, (_, at) => draft(`${String(at).padStart(3, '0')}.txt`)));
      const seen: string[] = [];
      for await (const page of store.all(10)) seen.push(...page.map(({ path }) => path));
      assert.equal(seen.length, 25);
      const paths: string[] = [];
      for await (const page of store.paths(10)) paths.push(...page);
      assert.deepEqual(paths, [...seen].sort());
    });

    test('projects don’t see one another', async () => {
      const [one, two] = [await fresh(), await fresh()];
      await one.put([draft('a.txt')]);
      await two.put([draft('a.txt', { meta: { tags: ['two'] } })]);
      assert.deepEqual(
        [await pathsOf(one, { tags: ['two'] }), await pathsOf(two, { tags: ['two'] })],
        ['', 'a.txt'],
      );
    });

    test('several processes may bring the tables up to date at once, and a newer version is left alone', async () => {
      await Promise.all([fresh(), fresh(), fresh()]);
      const [{ version }] = (await db.query('SELECT version FROM plimsoll_assets_schema')) as [
        { version: number },
      ];
      await db.query('UPDATE plimsoll_assets_schema SET version = 99');
      try {
        await assert.rejects(fresh(), { code: 'PLIMSOLL_ASSETS_NEWER' });
      } finally {
        await db.query('UPDATE plimsoll_assets_schema SET version = ?', [version]);
      }
    });
  });
}
