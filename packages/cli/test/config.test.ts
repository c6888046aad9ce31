import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run } from '../src/main.ts';

const BIN = join(import.meta.dirname, '../../kit/bin/plimsoll.js');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The real command in a process and a folder of its own, with these variables and no others. */
function plimsoll(line: string, { env = {}, cwd = tmpdir(), bin = BIN } = {}): Promise<Ended> {
  const args = ['--conditions=plimsoll-source', bin, ...line.split(' ').filter(word => word !== '')];
  return new Promise(resolve => {
    const child = execFile(process.execPath, args, { env, cwd }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

function project(t: TestContext, files: Record<string, string> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-cli-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'config'));
  for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    writeFileSync(join(root, name), text);
  }
  return root;
}

test('a good TELEMETRY_ENABLED passes, in every mode', async t => {
  const cwd = project(t);
  const cases = ['true', 'FALSE', '1', 'no', ''].flatMap(word =>
    ['', '--strict'].map(mode => ({ word, mode })),
  );
  const check = async ({ word, mode }: { word: string; mode: string }) => {
    const { code, out } = await plimsoll(`config validate ${mode}`, {
      env: { TELEMETRY_ENABLED: word },
      cwd,
    });
    assert.equal(code, 0, `${word} ${mode}: ${out}`);
    assert.doesNotMatch(out, /\[ERROR\]/);
  };
  await Promise.all(cases.map(check));
});

test('a bad TELEMETRY_ENABLED is an error with its name and the words allowed, in every mode', async t => {
  const cwd = project(t);
  const check = async (word: string) => {
    const text = `[ERROR] TELEMETRY_ENABLED: Invalid boolean value '${word}'. Expected: true/false, 1/0, yes/no`;
    const env = { TELEMETRY_ENABLED: word, OBS_ENV: 'dev' };
    for (const mode of ['', '--strict']) {
      const { code, out } = await plimsoll(`config validate ${mode}`, { env, cwd });
      assert.equal(code, 1);
      assert.equal(out.split('\n')[0], text);
    }
    const json = await plimsoll('config validate --json', { env, cwd });
    assert.equal(json.code, 1);
    assert.deepEqual(JSON.parse(json.out), { ok: false, errors: [text], warnings: [] });
  };
  await Promise.all(['maybe', ' ', '2'].map(check));
});

test('--strict turns warnings into errors', async t => {
  const cwd = project(t);
  const env = { TELEMETRY_BACKEND: 'pigeon', OBS_ENV: 'dev' };
  const lax = await plimsoll('config validate', { env, cwd });
  assert.equal(lax.code, 0);
  assert.match(
    lax.out,
    /^\[WARNING\] TELEMETRY_BACKEND: Invalid value 'pigeon'\. Must be one of: noop, prom/,
  );
  const strict = await plimsoll('config validate --strict', { env, cwd });
  assert.equal(strict.code, 1);
  assert.match(strict.out, /^\[ERROR\] TELEMETRY_BACKEND: /);
});

test('--env-file is read under the environment, and says what it sets twice', async t => {
  const cwd = project(t, { '.env': 'TELEMETRY_ENABLED=maybe\nLOG_LEVEL=debug\nLOG_LEVEL=error\n' });
  const bad = await plimsoll('config validate --env-file .env', { cwd });
  assert.equal(bad.code, 1);
  assert.match(bad.out, /\[ERROR\] TELEMETRY_ENABLED: /);
  assert.match(bad.out, /\[WARNING\] LOG_LEVEL: Set twice in \.env/);
  const env = { TELEMETRY_ENABLED: 'yes' };
  assert.equal((await plimsoll('config validate --env-file .env', { cwd, env })).code, 0);
  // Node reads its own --env-file wherever it stands, and ends with 9 itself when there is no such file.
  assert.notEqual((await plimsoll('config validate --env-file no.env', { cwd })).code, 0);
  const lines: string[] = [];
  const output = { out: (text: string) => lines.push(text), error: (text: string) => lines.push(text) };
  assert.equal(await run(['config', 'validate', '--json', '--env-file', join(cwd, 'no.env')], output), 1);
  assert.match(JSON.parse(lines.join('')).errors[0], /^\[ERROR\] .*no\.env: Cannot read this file$/);
});

test('print shows every value and where it came from, and no secret', async t => {
  const cwd = project(t, { 'config/plimsoll.json': '{"obs":{"log":{"fileKeep":9}},"features":{}}' });
  mkdirSync(join(cwd, 'src'));
  const env = { SERVICE_NAME: 'shop', OBS_ADMIN_TOKEN: 'MARK-TOKEN', OBS_NAMESPACE: 'a\u001b[2J' };
  const { code, out } = await plimsoll('config print', { env, cwd: join(cwd, 'src') });
  assert.equal(code, 0);
  assert.match(out, /^service +shop +env SERVICE_NAME /m);
  assert.match(out, /^log\.fileKeep +9 +file config\/plimsoll\.json /m);
  assert.match(out, /^ops\.adminToken +\[set\] +env OBS_ADMIN_TOKEN /m);
  assert.match(out, /^log\.level +info +default /m);
  assert.doesNotMatch(out, /MARK|\p{Cc}\[2J/u);
  const json = await plimsoll('config print --json', { env, cwd });
  const entry = JSON.parse(json.out).find((row: { key: string }) => row.key === 'service');
  assert.deepEqual([entry.value, entry.source], ['shop', { kind: 'env', name: 'SERVICE_NAME' }]);
  assert.doesNotMatch(json.out, /MARK/);
});

test('a bad configuration can still be printed, under failFast too', async t => {
  const cwd = project(t, { 'config/plimsoll.json': '{"obs":' });
  const { code, out } = await plimsoll('config print', {
    cwd,
    env: { OBS_FAIL_FAST: '1', LOG_LEVEL: 'loud' },
  });
  assert.equal(code, 0);
  assert.match(out, /^log\.level +info +default /m);
  const checked = await plimsoll('config validate', { cwd });
  assert.equal(checked.code, 1);
  assert.match(checked.out, /\[ERROR\] config\/plimsoll\.json: Not a JSON object/);
});

test('a wrong call exits 2 with a hint, and help exits 0', async () => {
  const typo = await plimsoll('confg print');
  assert.equal(typo.code, 2);
  assert.match(typo.err, /unknown command 'confg'\s+\(Did you mean config\?\)/);
  assert.equal((await plimsoll('config pritn')).code, 2);
  assert.equal((await plimsoll('config print --jsno')).code, 2);
  assert.equal((await plimsoll('')).code, 2);
  const help = await plimsoll('--help');
  assert.equal(help.code, 0);
  assert.match(help.out, /Usage: plimsoll/);
});

test('where the CLI is not installed, the command says how to install it', async t => {
  const cwd = project(t);
  const bin = join(cwd, 'plimsoll.js');
  copyFileSync(BIN, bin);
  const { code, err } = await plimsoll('config print', { cwd, bin });
  assert.equal(code, 1);
  assert.match(err, /npm install --save-dev @plimsoll\/cli/);
});
