import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { crashFolder, crashing, dumpNames, dumps, folder } from './support.ts';

/** How it ends, what its dump says, and how many dumps there are. */
const WAYS: readonly {
  readonly how: string;
  readonly dumps: number;
  readonly source?: string;
  readonly type?: string;
  readonly message?: string | RegExp;
}[] = [
  { how: 'throw', dumps: 1, source: 'uncaughtException', type: 'TypeError', message: 'thrown' },
  {
    how: 'reject',
    dumps: 1,
    source: 'unhandledRejection',
    type: 'RangeError',
    message: 'nobody caught this',
  },
  { how: 'reject-text', dumps: 1, source: 'unhandledRejection', message: /no error at all/ },
  { how: 'throw-null', dumps: 1, source: 'uncaughtException', type: 'null', message: 'null' },
  { how: 'throw-getter', dumps: 1, source: 'uncaughtException', type: 'Shy', message: 'shy' },
  { how: 'worker', dumps: 1, source: 'worker', type: 'TypeError', message: 'thrown' },
  { how: 'worker-handled', dumps: 1, source: 'worker', type: 'TypeError', message: 'thrown' },
  { how: 'worker-with-kit', dumps: 1, source: 'uncaughtException', message: 'thrown in a worker' },
  { how: 'handled', dumps: 1, source: 'uncaughtException', message: 'thrown and handled' },
  { how: 'rethrown', dumps: 1, source: 'capture', message: 'told and thrown on' },
  { how: 'exit', dumps: 0 },
];

describe('a process that ends by', { concurrency: 2 }, () => {
  for (const way of WAYS) {
    test(`${way.how} leaves ${way.dumps} dump, and ends as it would without us`, async t => {
      const root = folder(t);
      const [without, ended] = await Promise.all([
        crashing({ how: way.how, with: false, root: folder(t) }),
        crashing({ how: way.how, with: true, root }),
      ]);
      assert.deepEqual(ended, without);
      const found = dumps(root);
      assert.equal(found.length, way.dumps, JSON.stringify(found.map(dump => dump['source'])));
      assert.deepEqual(markers(root), []);
      const [dump] = found;
      if (dump === undefined) return;
      assert.equal(dump['source'], way.source);
      if (way.type !== undefined) assert.equal(dump['exc_type'], way.type);
      if (way.message instanceof RegExp) assert.match(String(dump['message']), way.message);
      else assert.equal(dump['message'], way.message);
      if (way.source !== 'capture') assert.equal(dump.context['source'], way.source);
    });
  }

  test('an error, with Plimsoll installed twice, leaves one dump', async t => {
    const root = folder(t);
    const ended = await crashing({ how: 'throw', with: true, root, env: { KITS: '2' } });
    assert.equal(ended.code, 1);
    assert.equal(dumpNames(root).length, 1);
  });

  test('Ctrl-C leaves no dump, now or at the next start', async t => {
    const root = folder(t);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const ended = await crashing({ how: 'wait', with: true, root, signal });
      assert.deepEqual([ended.signal, ended.stderr], [signal, '']);
    }
    await crashing({ how: 'exit', with: true, root });
    assert.deepEqual(dumpNames(root), []);
  });

  for (const [how, run] of [
    ['kill -9', { how: 'wait', signal: 'SIGKILL' }],
    ['abort', { how: 'abort' }],
    ['running out of memory', { how: 'memory', flags: ['--max-old-space-size=40'] }],
  ] as const) {
    test(`${how} is told of at the next start, once, with its last lines`, async t => {
      const root = folder(t);
      const [without, ended] = await Promise.all([
        crashing({ ...run, with: false, root: folder(t) }),
        crashing({ ...run, with: true, root }),
      ]);
      assert.deepEqual([ended.code, ended.signal], [without.code, without.signal]);
      assert.deepEqual(dumpNames(root), []);
      assert.equal(markers(root).length, 1);
      // Two starts at once: the marker is for one of them.
      const starts = how === 'kill -9' ? [1, 2] : [1];
      await Promise.all(starts.map(() => crashing({ how: 'exit', with: true, root })));
      const found = dumps(root);
      assert.equal(found.length, 1);
      assert.match(String(found[0]?.['message']), /^the process \d+ ended without a word/);
      assert.deepEqual([found[0]?.['source'], found[0]?.context['service']], ['ended', 'crashing']);
      assert.deepEqual(markers(root), []);
      if (how === 'kill -9') assert.equal(found[0]?.lines.at(-1)?.['msg'], 'before_the_crash');
    });
  }

  test('running out of memory under --report-on-fatalerror is called so, with the numbers of the report', async t => {
    const root = folder(t);
    await crashing({
      ...{ how: 'memory', with: true, root },
      flags: ['--max-old-space-size=40', '--report-on-fatalerror'],
    });
    await crashing({ how: 'exit', with: true, root });
    const [dump] = dumps(root);
    assert.equal(dump?.['exc_type'], 'OutOfMemory');
    assert.match(String(dump?.['message']), /out of memory$/);
    const report = dump?.context['report'] as Record<string, unknown>;
    assert.equal(report['trigger'], 'OOMError');
    assert.ok(Number(report['usedMemory'] ?? report['totalMemory']) > 0);
    assert.match(String(dump?.attachments[0]), /^<runtime>\/report\./);
  });

  test('an error, with the folder of dumps not writable, ends as without us, and the next start tells of it', async t => {
    const root = folder(t);
    const without = await crashing({ how: 'throw', with: false, root });
    const ended = await crashing({
      how: 'throw',
      with: true,
      root,
      env: { OBS_CRASH_TEST: '1' },
      flags: full(),
    });
    assert.deepEqual(ended, without);
    assert.deepEqual(dumpNames(root), []);
    await crashing({ how: 'exit', with: true, root });
    assert.equal(dumpNames(root).length, 1);
  });

  test('an error says where its dump is, where that is asked for', async t => {
    const root = folder(t);
    const ended = await crashing({ how: 'throw', with: true, root, env: { CI: 'true' } });
    const path = join(crashFolder(root), dumpNames(root)[0] ?? '');
    assert.ok(ended.stderr.startsWith(`plimsoll: crash dump at ${path}\n`), ended.stderr);
    const never = await crashing({
      ...{ how: 'throw', with: true, root },
      env: { CI: 'true', OBS_CRASH_ANNOUNCE: 'never' },
    });
    assert.doesNotMatch(never.stderr, /plimsoll:/);
  });

  test("an error leaves Node's report beside the dump where that is asked for, without environment and network", async t => {
    const root = folder(t);
    const env = { OBS_CRASH_REPORT: 'true', MARKER: 'from-the-environment' };
    await crashing({ how: 'throw', with: true, root, env });
    const name = readdirSync(crashFolder(root)).find(one => one.endsWith('.report.json'));
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(join(crashFolder(root), name ?? ''), 'utf8');
    const report = JSON.parse(text) as Record<string, Record<string, unknown>>;
    assert.equal(report['javascriptStack']?.['message'], 'TypeError: thrown');
    assert.doesNotMatch(text, /from-the-environment|environmentVariables|networkInterfaces|commandLine/);
    assert.equal(dumpNames(root).filter(one => !one.includes('report')).length, 1);
  });

  test('an error without a runtime root leaves no file', async t => {
    const cwd = folder(t);
    const without = await crashing({ how: 'throw', with: false });
    assert.deepEqual(await crashing({ how: 'throw', with: true }), without);
    assert.deepEqual(readdirSync(cwd), []);
  });
});

function markers(root: string): string[] {
  try {
    return readdirSync(crashFolder(root)).filter(name => name.startsWith('alive-'));
  } catch {
    return [];
  }
}

/** A disk that is full from the first dump on: root may write where nobody else may, so a mode would not do. */
function full(): string[] {
  const code = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const open = fs.openSync;
    fs.openSync = (path, ...rest) => {
      if (String(path).includes('/crash-')) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      return open(path, ...rest);
    };
    syncBuiltinESMExports();`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}
