import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

/** Off is free: the same service with Plimsoll switched off and without Plimsoll is the same process, but for the gate. */
const root = resolve(import.meta.dirname, '..');
const home = await mkdtemp(join(tmpdir(), 'plimsoll-off-'));
after(() => rm(home, { recursive: true, force: true }));
await writeFile(join(home, 'package.json'), '{"name":"off","private":true,"type":"module"}');
await symlink(join(root, 'node_modules'), join(home, 'node_modules'));
await copyFile(join(root, 'test/off/app.mjs'), join(home, 'app.mjs'));
await mkdir(join(home, 'config'));
await writeFile(join(home, 'config/plimsoll.json'), '{"obs":{"enabled":false}}');

interface Report {
  readonly headers: readonly string[];
  readonly modules: readonly string[];
  readonly reads: readonly string[];
  readonly [name: string]: unknown;
}

const FRAMEWORKS = ['fastify', 'express', 'hono', 'node'] as const;
interface Run {
  readonly framework: (typeof FRAMEWORKS)[number];
  readonly plimsoll: boolean;
  readonly reads?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: object;
}

async function run({ framework, plimsoll, reads = false, env = {}, options = {} }: Run): Promise<Report> {
  const probe = pathToFileURL(join(root, 'test/off/probe.mjs')).href;
  const child = spawn(process.execPath, ['--import', probe, join(home, 'app.mjs')], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '',
      OPTIONS: JSON.stringify(options),
      FRAMEWORK: framework,
      WITH_PLIMSOLL: plimsoll ? '1' : '0',
      PROBE_READS: reads ? '1' : '0',
      ...env,
    },
  });
  const exited = once(child, 'exit');
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const first = await lines.next();
    assert.ok(!first.done, 'the app ended before it listened');
    const { port } = JSON.parse(first.value) as { port: number };
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    const worked = await ask('/work');
    assert.deepEqual(await worked.json(), { ok: true });
    const report = (await (await ask('/probe')).json()) as Report;
    return { ...report, headers: [...worked.headers.keys()] };
  } finally {
    child.kill();
    await exited;
  }
}

/** How a service is switched off: from outside, in its file, in its code. */
const SWITCHES: readonly (readonly [how: string, run: Pick<Run, 'env' | 'options'>])[] = [
  ['OBS_ENABLED=false', { env: { OBS_ENABLED: 'false' } }],
  ['obs.enabled false in config/plimsoll.json', {}],
  ['enabled: false in code', { options: { enabled: false } }],
];

const ours = (url: string): boolean => url.includes('/packages/') && url.includes('/dist/');
const strip = ({ modules: _, reads: __, ...rest }: Report) => rest;

for (const framework of FRAMEWORKS) {
  for (const [how, settings] of SWITCHES) {
    test(`${framework} with ${how} is the process without Plimsoll plus one module`, async () => {
      const env = settings.env ?? {};
      const [without, off] = await Promise.all([
        run({ framework, plimsoll: false, env }),
        run({ framework, plimsoll: true, ...settings }),
      ]);
      assert.deepEqual(strip(off), strip(without));
      const extra = off.modules.filter(url => !without.modules.includes(url));
      assert.equal(extra.length, 1, extra.join('\n'));
      assert.ok(extra.every(ours), extra.join('\n'));
      assert.deepEqual(
        without.modules.filter(url => !off.modules.includes(url)),
        [],
      );
    });

    test(`${framework} with ${how} reads at most the config file`, async () => {
      const env = settings.env ?? {};
      const [without, off] = await Promise.all([
        run({ framework, plimsoll: false, reads: true, env }),
        run({ framework, plimsoll: true, reads: true, ...settings }),
      ]);
      const extra = off.reads.filter(line => !without.reads.includes(line));
      const opened = extra.filter(line => /^(readFile|open|createReadStream)/.test(line));
      // The file says it only where nothing louder does; that it is seen shows that the probe sees reads.
      if (how.includes('config/plimsoll.json')) assert.equal(opened.length, 1, extra.join('\n'));
      assert.ok(opened.length <= 1, opened.join('\n'));
      assert.ok(
        opened.every(line => line.endsWith('config/plimsoll.json')),
        opened.join('\n'),
      );
      assert.deepEqual(
        extra.filter(line => /^(writeFile|mkdir|watch)/.test(line)),
        [],
      );
    });
  }
}

test('the probe sees what a service that is on does', async () => {
  const env = { OBS_ENABLED: 'true', OBS_ENV: 'test' };
  const [without, on] = await Promise.all([
    run({ framework: 'fastify', plimsoll: false, env }),
    run({ framework: 'fastify', plimsoll: true, env }),
  ]);
  assert.ok(on.modules.filter(ours).length > 1);
  for (const what of ['headers', 'hooks', 'process', 'channels'])
    assert.notDeepEqual(on[what], without[what], what);
});
