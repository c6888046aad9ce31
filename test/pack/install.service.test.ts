import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { npm, root, run, tarballs } from './packed.ts';

/** What a user gets: the tarballs, installed by npm with what they depend on, in a project with nothing else. */
let home = '';
before(async () => {
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const peers = ['fastify', 'express', '@hono/node-server', '@opentelemetry/api'];
  home = await project(
    ['wire', 'privacy', 'kit'],
    peers.map(name => `${name}@${devDependencies[name]}`),
  );
});
after(() => rm(home, { recursive: true, force: true }));

async function project(packages?: readonly string[], others: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-pack-'));
  await writeFile(join(folder, 'package.json'), '{"name":"empty","private":true}');
  const wanted = [...(await tarballs(folder, packages)), ...others];
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await npm(['install', ...quiet, ...wanted], folder);
  return folder;
}

/** The `js` blocks of a page, each a whole program, as they stand there. */
async function programs(page: string): Promise<readonly string[]> {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
}

async function quickStart(): Promise<string> {
  const [block] = await programs('README.md');
  assert.ok(block, 'the README has no quick start');
  assert.match(block, /from 'plimsoll'/);
  return block;
}

/** Runs a file that listens on PORT, asks it what the README promises, and stops it. */
async function answers(file: string): Promise<void> {
  const child = spawn(process.execPath, ['--no-warnings', file], {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', OBS_ENV: 'development' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    const address = await listening(child.stdout);
    const get = async (path: string) => {
      const response = await fetch(`${address}${path}`, { headers: { connection: 'close' } });
      return {
        status: response.status,
        id: response.headers.get('x-request-id'),
        text: await response.text(),
      };
    };
    const hello = await get('/hello/ada');
    assert.equal(hello.status, 200);
    assert.ok(hello.id);
    assert.equal(hello.text.replaceAll(' ', ''), '{"hello":"ada"}');
    const ready = await get('/health/ready');
    assert.equal(ready.status, 200, ready.text);
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

async function listening(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stdout)) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found !== null) return found[0];
  }
  throw new Error('the quick start ended before it listened');
}

test('the quick start of the README runs from the tarballs', { timeout: 60_000 }, async () => {
  await writeFile(join(home, 'app.mjs'), await quickStart());
  await answers('app.mjs');
});

test('the quick start runs as one file bundled by esbuild', { timeout: 60_000 }, async () => {
  await writeFile(join(home, 'app.mjs'), await quickStart());
  await build({
    entryPoints: [join(home, 'app.mjs')],
    outdir: join(home, 'bundled'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // CommonJS dependencies ask for `require` at run time.
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
    logLevel: 'error',
  });
  await answers('bundled/app.mjs');
});

test('the quick start runs through require', { timeout: 60_000 }, async () => {
  const text = (await quickStart())
    .replaceAll(/^import \{ (.+?) \} from '(.+?)';$/gm, "const { $1 } = require('$2');")
    .replaceAll(/^import (\w+) from '(.+?)';$/gm, "const $1 = require('$2');");
  assert.doesNotMatch(text, /^import /m);
  await writeFile(join(home, 'app.cjs'), `(async () => {\n${text}\n})();\n`);
  await answers('app.cjs');
});

const GUIDES = readdirSync(join(root, 'docs/guides')).filter(name => name.endsWith('.md'));

for (const guide of GUIDES) {
  test(`every program of docs/guides/${guide} runs from the tarballs`, { timeout: 60_000 }, async () => {
    for (const [index, program] of (await programs(`docs/guides/${guide}`)).entries()) {
      const file = `${guide}-${index}.mjs`;
      await writeFile(join(home, file), program);
      // What closes its `obs` ends by itself, whatever it listened to meanwhile.
      const stays = /\.listen\(|serve\(/.test(program) && !program.includes('obs.close()');
      if (stays) await answers(file);
      else await run(process.execPath, [file], { cwd: home, env: { PATH: process.env['PATH'] ?? '' } });
    }
  });
}

const plimsoll = (cwd: string) =>
  run(process.execPath, ['node_modules/plimsoll/bin/plimsoll.js', 'config', 'print'], { cwd });

test('the command says how to install the CLI where it is not', { timeout: 60_000 }, async () => {
  await assert.rejects(plimsoll(home), /npm install --save-dev @plimsoll\/cli/);
});

test('the command answers where the CLI is installed', { timeout: 300_000 }, async t => {
  const folder = await project();
  t.after(() => rm(folder, { recursive: true, force: true }));
  assert.match((await plimsoll(folder)).stdout, /log\.level/);
});

test('the types of every subpath compile in a strict project', { timeout: 60_000 }, async () => {
  const names = [
    'plimsoll',
    'plimsoll/kit',
    'plimsoll/register',
    'plimsoll/telemetry',
    'plimsoll/testing',
    '@plimsoll/wire',
    '@plimsoll/wire/ops',
    '@plimsoll/privacy',
  ];
  const lines = names.map(
    (name, index) =>
      `import * as m${index} from '${name}';\nexport const k${index} = Object.keys(m${index});`,
  );
  await writeFile(join(home, 'types.mts'), `${lines.join('\n')}\n`);
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const roots = ['--typeRoots', join(root, 'node_modules/@types')];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const done = await run(process.execPath, [tsc, ...flags, ...roots, 'types.mts'], { cwd: home }).catch(
    error => error,
  );
  assert.equal(done.stdout, '');
});
