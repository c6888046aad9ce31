import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import pg from 'pg';
import { HOW, hasServices, type Service, startPostgres } from '../../kit/test/otel/services.ts';
import { run } from '../src/main.ts';

const required = process.env['PLIMSOLL_TEST_REQUIRE'] === 'all';

suite('plimsoll assets on PostgreSQL', { skip: hasServices() || required ? false : HOW }, () => {
  let server: Service;
  let folder: string;
  const url = (port = server.port) => `postgres://plimsoll:zz-secret@127.0.0.1:${port}/postgres`;
  before(async () => {
    server = await startPostgres();
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-cli-pg-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server?.stop();
  });

  async function call(...argv: string[]) {
    const texts: [string[], string[]] = [[], []];
    const [out, error] = texts.map(list => (text: string) => void list.push(text)) as [never, never];
    const code = await run(['assets', ...argv, '--assets-dir', join(folder, 'assets')], { out, error });
    return { code, out: texts[0].join(''), error: texts[1].join('') };
  }

  async function rows(): Promise<readonly string[]> {
    const client = new pg.Client({ connectionString: url() });
    await client.connect();
    const found = await client.query(
      "SELECT path FROM plimsoll_assets WHERE project_id = 'cli' ORDER BY path",
    );
    await client.end();
    return found.rows.map(({ path }) => path);
  }

  test('rebuild and enforce work on its rows as on a file’s, and leave no file of rows', async () => {
    mkdirSync(join(folder, 'assets/scenes'), { recursive: true });
    for (const name of ['one', 'two']) writeFileSync(join(folder, `assets/scenes/${name}.json`), `"${name}"`);
    const at = ['--db-url', url(), '--project-id', 'cli'];
    const rebuilt = await call('rebuild', '--from-disk', '--smoke-type', 'scenes', ...at);
    assert.deepEqual(
      [rebuilt.code, rebuilt.out],
      [0, 'rebuilt: 2 processed, 0 skipped, 0 removed\n'],
      rebuilt.error,
    );
    assert.deepEqual(await rows(), ['scenes/one.json', 'scenes/two.json']);
    const looked = await call('enforce', '--report', '--dry-run', ...at);
    assert.equal(looked.code, 1);
    assert.equal(looked.out.match(/^missing sidecar/gm)?.length, 2);
    const files = () => readdirSync(folder, { recursive: true }).map(String);
    assert.ok(!files().some(path => path.endsWith('.asset.json')));
    assert.equal((await call('enforce', ...at)).code, 0);
    assert.equal((await call('enforce', '--dry-run', ...at)).code, 0);
    rmSync(join(folder, 'assets/scenes/two.json'));
    assert.match((await call('rebuild', '--from-disk', ...at)).out, /1 processed, 0 skipped, 1 removed/);
    assert.deepEqual(await rows(), ['scenes/one.json']);
    assert.deepEqual(
      files().filter(path => path.endsWith('.db')),
      [],
    );
  });

  test('the URL may stand in the variable, where no other process can read it', async t => {
    process.env['PLIMSOLL_ASSETS_DB_URL'] = url();
    t.after(() => {
      delete process.env['PLIMSOLL_ASSETS_DB_URL'];
    });
    const { code, out } = await call('enforce', '--json', '--project-id', 'cli');
    assert.deepEqual([code, JSON.parse(out).missing_sidecars], [0, []]);
  });

  test('a database that is not there, and what is no URL, end with 1 and no password in the message', async () => {
    for (const bad of [url(1), 'postgres://plimsoll:zz-secret@127.0.0.1:x/db', 'zz-secret']) {
      const { code, out, error } = await call('enforce', '--db-url', bad);
      assert.deepEqual([code, out], [1, ''], bad);
      assert.match(error, /ECONNREFUSED|The database URL is/);
      assert.ok(!error.includes('zz-secret'));
    }
  });

  test('a file and a URL are not taken together', async () => {
    const { code, error } = await call('enforce', '--db-url', url(), '--db-path', join(folder, 'a.db'));
    assert.notEqual(code, 0);
    assert.match(error, /cannot be used with/);
  });
});
