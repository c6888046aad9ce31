// Long because what a dump must hold is one list, and each line of it is a test.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { CrashRecord } from '@plimsoll/wire';
import { init } from 'plimsoll';
import { PORTS } from '../../src/kernel/ports.ts';
import { crashFolder, dumpNames, folder, open, readDump } from './support.ts';

const NINE = [
  'event_id',
  'timestamp',
  'exc_type',
  'message',
  'traceback',
  'cwd',
  'pid',
  'context',
  'attachments',
];

describe('what the app hands in', () => {
  test('becomes a file of its own with all nine fields, for the owner alone', async t => {
    const { obs, root } = await open(t);
    const path = obs.crash.capture(new RangeError('offset outside büffer')) ?? '';
    assert.equal(dirname(path), crashFolder(root));
    assert.match(basename(path), /^crash-\d{8}_\d{6}-[0-9a-f]{8}\.json$/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    const dump = readDump(path);
    for (const field of NINE) assert.ok(field in dump, field);
    assert.deepEqual([dump['exc_type'], dump['message']], ['RangeError', 'offset outside büffer']);
    assert.match(String(dump['timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.equal(dump['event_id'], basename(path, '.json').split('-').at(-1));
    assert.deepEqual([dump['pid'], dump.context, dump.attachments], [process.pid, {}, []]);
    assert.match(String(dump['traceback']), /^RangeError: offset outside büffer\n {4}at /);
    assert.deepEqual(Object.keys(dump), Object.keys(dump).toSorted());
    assert.ok(readFileSync(path, 'utf8').includes('büffer'));
    assert.equal(obs.crash.last(), path);
  });

  test('keeps its context and attachments, whatever the values are', async t => {
    const { obs, root } = await open(t);
    const cyclic: Record<string, unknown> = { plugin: 'asset_sync', job: 'j-17', n: 3, big: 10n };
    cyclic['self'] = cyclic;
    cyclic['fn'] = function named() {};
    Object.defineProperty(cyclic, 'shy', {
      enumerable: true,
      get() {
        throw new Error('no');
      },
    });
    const attach = [join(root, 'out/job.log'), '/nowhere/at/all.txt'];
    const dump = readDump(obs.crash.capture(new Error('x'), { context: cyclic, attach }) ?? '');
    assert.deepEqual(dump.context, {
      ...{ plugin: 'asset_sync', job: 'j-17', n: 3, big: '10', self: '[circular]' },
      ...{ fn: '[function named]', shy: '[unreadable]' },
    });
    assert.deepEqual(dump.attachments, ['<runtime>/out/job.log', 'all.txt']);
  });

  test('has an id that can not leave the folder, and overwrites nothing', async t => {
    const { obs, root } = await open(t);
    for (const eventId of [
      '../../x',
      '../../x',
      '/etc/passwd',
      '.hidden',
      '',
      'a'.repeat(500),
      '\u0000',
      'job-17',
    ]) {
      const path = obs.crash.capture(new Error('same'), { eventId }) ?? '';
      assert.equal(dirname(path), crashFolder(root), eventId);
      assert.match(basename(path), /^crash-\d{8}_\d{6}-[A-Za-z0-9_-]+\.json$/);
    }
    assert.equal(dumpNames(root).length, 8);
    assert.deepEqual(readdirSync(root), ['logs']);
    assert.equal(obs.crash.list().filter(({ event_id }) => event_id === 'x').length, 2);
    assert.equal(obs.crash.list().filter(({ event_id }) => event_id === 'job-17').length, 1);
  });

  const odd: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['null', null, 'null', /^null$/],
    ['nothing', undefined, 'undefined', /^undefined$/],
    ['a text', 'just a text', 'string', /^just a text$/],
    ['a number', 42, 'number', /^42$/],
    ['a symbol', Symbol('s'), 'symbol', /^Symbol\(s\)$/],
    ['a function', function broken() {}, 'function', /^\[function broken\]$/],
    ['an object', { code: 7, password: 'hunter2' }, 'Object', /^\{"code":7,"password":"\[redacted\]"\}$/],
    ['an object without a prototype', Object.create(null), 'object', /^\{\}$/],
    ['a proxy that refuses all', new Proxy({}, refusing()), '[unreadable]', /./],
    ['an error whose getters throw', shyError(), 'Error', /\[unreadable\]/],
    ['an error of another realm', foreignError(), 'TypeError', /^foreign$/],
  ];
  for (const [name, thrown, type, message] of odd) {
    test(`may be ${name}`, async t => {
      const { obs } = await open(t);
      const dump = readDump(obs.crash.capture(thrown) ?? '');
      assert.equal(dump['exc_type'], type);
      assert.match(String(dump['message']), message);
    });
  }

  test('has its causes, each once, also where they go round in a circle', async t => {
    const { obs } = await open(t);
    const inner: Error = new TypeError('inner');
    const outer = new Error('outer', {
      cause: new AggregateError([inner, new RangeError('other')], 'several'),
    });
    inner.cause = outer;
    const dump = readDump(obs.crash.capture(outer) ?? '');
    assert.deepEqual(
      dump.causes.map(cause => [cause['exc_type'], cause['message']]),
      [
        ['AggregateError', 'several'],
        ['TypeError', 'inner'],
        ['RangeError', 'other'],
      ],
    );
    assert.match(
      String(dump['traceback']),
      /^Error: outer\n.*\n\[cause\] AggregateError: several\n.*\n\[error 2 of 2\] RangeError/s,
    );
  });

  test('has the lines and spans before it, and the ids of where it happened', async t => {
    const { obs } = await open(t);
    for (let n = 0; n < 300; n++) obs.log.info({ n }, 'counted');
    for (let n = 0; n < 100; n++) obs.trace.span(`span ${n}`, { attributes: { n } }, () => {});
    const work = obs.job('nightly', () => obs.crash.capture(new Error('in a job')));
    const dump = readDump((await work()) ?? '');
    assert.deepEqual(
      dump.lines.map(line => line['n']),
      Array.from({ length: 100 }, (_, n) => 200 + n),
    );
    assert.deepEqual(
      dump.spans.map(span => span['name']),
      Array.from({ length: 50 }, (_, n) => `span ${50 + n}`),
    );
    assert.match(String(dump['trace_id']), /^[0-9a-f]{32}$/);
    assert.match(String(dump['request_id']), /^[0-9a-f-]{36}$/);
  });

  test('has one fingerprint where it is the same crash, and another where it is not', async t => {
    const { obs } = await open(t);
    const fail = (message: string): Error => new TypeError(message);
    function otherwise(): Error {
      return new TypeError('a');
    }
    const prints = [fail('a 1'), fail('b 2'), otherwise(), new RangeError('a')].map(error => {
      return readDump(obs.crash.capture(error) ?? '')['fingerprint'];
    });
    assert.equal(prints[0], prints[1]);
    assert.equal(new Set(prints).size, 3);
    for (const print of prints) assert.match(String(print), /^[0-9a-f]{16}$/);
  });

  test('is told to the log, to listeners, to telemetry and to the port', async t => {
    const { obs, raw } = await open(t);
    const records: CrashRecord[] = [];
    const counted: unknown[] = [];
    obs.on('crash', record => records.push(record));
    await obs.use({
      name: 'counters',
      setup: kit => kit.expose(PORTS.counters, () => ({ crash: (dump: unknown) => counted.push(dump) })),
    });
    const path = obs.crash.capture(new Error('told')) ?? '';
    const { fingerprint, event_id: eventId } = readDump(path);
    const line = JSON.parse(raw.at(-1) ?? '') as Record<string, unknown>;
    assert.deepEqual(
      [line['level'], line['msg'], line['exc_type'], line['message'], line['report']],
      ['error', 'crash', 'Error', 'told', `<runtime>/logs/crash/${basename(path)}`],
    );
    assert.equal(line['signature'], fingerprint);
    assert.deepEqual([records[0]?.path, records[0]?.eventId, records[0]?.source], [path, eventId, 'capture']);
    assert.deepEqual(counted, [{ path, fingerprint }]);
    const port = obs.read<{ list(limit: number): readonly { path: string }[] }>(PORTS.crashes);
    assert.equal(port?.list(1)[0]?.path, path);
  });

  test('is written although telemetry and a listener fail', async t => {
    const { obs } = await open(t);
    const fail = (): never => {
      throw new Error('no');
    };
    await obs.use({ name: 'counters', setup: kit => kit.expose(PORTS.counters, () => ({ crash: fail })) });
    obs.on('crash', fail);
    assert.ok(obs.crash.capture(new Error('x')));
  });

  test('that is made on purpose is marked, replaces the one before, and is not counted', async t => {
    const { obs, root } = await open(t);
    const counted: unknown[] = [];
    await obs.use({
      name: 'counters',
      setup: kit => kit.expose(PORTS.counters, () => ({ crash: (dump: unknown) => counted.push(dump) })),
    });
    obs.crash.capture(new Error('real'));
    for (let n = 0; n < 3; n++) obs.crash.capture(new Error('synthetic'), { synthetic: true });
    assert.deepEqual(
      obs.crash
        .list()
        .map(({ synthetic = false }) => synthetic)
        .toSorted(),
      [false, true],
    );
    assert.deepEqual([dumpNames(root).length, counted.length], [2, 1]);
  });
});

describe('the folder of dumps', () => {
  test('holds no more files, bytes and days than the options say, and the newest always', async t => {
    const { obs, root } = await open(t, { crash: { maxFiles: 3 } });
    for (let n = 0; n < 6; n++) obs.crash.capture(new Error(`n ${n}`), { eventId: `id${n}` });
    assert.equal(dumpNames(root).length, 3);
    const small = await open(t, { crash: { maxBytes: 1 } });
    const paths = [1, 2].map(() => small.obs.crash.capture(new Error('large')) ?? '');
    assert.deepEqual(dumpNames(small.root), [basename(paths[1] ?? '')]);
    const old = await open(t, { crash: { maxAgeDays: 2 } });
    const first = old.obs.crash.capture(new Error('old')) ?? '';
    utimesSync(first, new Date(), new Date(Date.now() - 3 * 86_400_000));
    const second = old.obs.crash.capture(new Error('new')) ?? '';
    assert.deepEqual(dumpNames(old.root), [basename(second)]);
  });

  test('is listed newest first, 20 and at least one, without what can not be read', async t => {
    const { obs, root } = await open(t);
    for (let n = 0; n < 25; n++) obs.crash.capture(new Error(`n ${n}`), { eventId: `id${n}` });
    writeFileSync(join(crashFolder(root), 'crash-20990101_000000-half.json'), '{"exc_type":"Err');
    const listed = obs.crash.list();
    assert.equal(listed.length, 20);
    assert.deepEqual(
      listed.map(({ event_id }) => event_id),
      Array.from({ length: 20 }, (_, n) => `id${24 - n}`),
    );
    assert.equal(obs.crash.list(0).length, 1);
  });

  test('that can not be made costs the dump and nothing else', async t => {
    const root = folder(t);
    writeFileSync(join(root, 'logs'), 'a file where the folder should be');
    const { obs, raw } = await open(t, { runtimeRoot: root });
    assert.equal(obs.crash.capture(new Error('x')), undefined);
    assert.ok(raw.some(line => line.includes('"crash_dump_failed"')));
    assert.deepEqual(obs.crash.list(), []);
  });
});

test('frames lead to where they were written, by a map in a file or in the script', async t => {
  const { obs, root } = await open(t);
  const out = join(root, 'dist');
  mkdirSync(out);
  // One function over two lines: line 2 column 9 was written in line 7 column 3 of src/origin.ts.
  const code = 'export function minified(E) {\n  return new E("mapped"); }\n';
  const map = { version: 3, sources: ['../src/origin.ts'], names: ['makeIt'], mappings: ';SAMEA' };
  writeFileSync(join(out, 'a.mjs'), `${code}//# sourceMappingURL=a.mjs.map\n`);
  writeFileSync(join(out, 'a.mjs.map'), JSON.stringify(map));
  const inline = Buffer.from(JSON.stringify(map)).toString('base64');
  writeFileSync(join(out, 'b.mjs'), `${code}//# sourceMappingURL=data:application/json;base64,${inline}\n`);
  for (const name of ['a.mjs', 'b.mjs']) {
    const { minified } = (await import(join(out, name))) as { minified(type: typeof Error): Error };
    const [frame] = readDump(obs.crash.capture(minified(TypeError)) ?? '').frames;
    assert.deepEqual(
      [frame?.['function'], frame?.['file'], frame?.['line'], frame?.['own']],
      ['minified', `<runtime>/dist/${name}`, 2, true],
    );
    assert.deepEqual(frame?.['source'], {
      ...{ file: '<runtime>/src/origin.ts', line: 7, column: 3, function: 'makeIt' },
    });
  }
});

test('a file of ours is own, and what is in node_modules or in Node is not', async t => {
  const { obs } = await open(t);
  const error = new Error('x');
  error.stack = [
    'Error: x',
    '    at mine (/srv/app/src/a.js:1:2)',
    '    at async theirs (file:///srv/app/node_modules/x/y.js:3:4)',
    '    at node:internal/timers:5:6',
    '    at new Made (C:\\app\\a.js:7:8)',
    '    at Array.map (<anonymous>)',
  ].join('\n');
  const { frames } = readDump(obs.crash.capture(error) ?? '');
  assert.deepEqual(
    frames.map(({ function: name, own, line }) => [name, own, line]),
    [
      ['mine', true, 1],
      ['theirs', false, 3],
      ['<anonymous>', false, 5],
      ['new Made', true, 7],
    ],
  );
});

test('where crash dumps are off, nothing is captured, listed or written', async t => {
  for (const options of [{}, { runtimeRoot: folder(t), crash: { enabled: false } }, { enabled: false }]) {
    const obs = await init({ log: { stdout: false }, env: 'production', ...options });
    t.after(() => obs.close());
    assert.deepEqual(
      [obs.crash.capture(new Error('x')), obs.crash.list(), obs.crash.last()],
      [undefined, [], undefined],
    );
    assert.equal(process.listenerCount('worker'), 0);
    if ('runtimeRoot' in options) assert.deepEqual(dumpNames(options.runtimeRoot as string), []);
  }
});

test('where crash dumps are off, no module of theirs is loaded beyond the gate, and nothing listens for them', t => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { init } = await import('plimsoll');
    const runtimeRoot = process.env.ROOT;
    const obs = await init({ env: 'production', log: { stdout: false }, ...(runtimeRoot && { runtimeRoot }) });
    obs.crash.capture(new Error('x'));
    const modules = loaded.filter(url => /parts.crash|trace-mapping/.test(url)).map(url => url.split('/').at(-1));
    console.log(JSON.stringify({ modules, workers: process.listenerCount('worker'),
      monitors: process.listenerCount('uncaughtExceptionMonitor') }));
    await obs.close();`;
  const run = (env: Record<string, string>) =>
    JSON.parse(
      execFileSync(
        process.execPath,
        ['--conditions=plimsoll-source', '--input-type=module', '--eval', script],
        { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', ...env }, cwd: import.meta.dirname },
      ),
    ) as { modules: string[]; workers: number; monitors: number };
  const off = run({});
  assert.deepEqual(off, { modules: ['gate.ts'], workers: 0, monitors: 1 });
  const on = run({ ROOT: folder(t) });
  assert.ok(on.modules.includes('part.ts') && !on.modules.includes('routes.ts'));
  assert.deepEqual([on.workers, on.monitors], [1, 2]);
});

function refusing(): ProxyHandler<object> {
  const refuse = (): never => {
    throw new Error('refused');
  };
  return { get: refuse, ownKeys: refuse, getPrototypeOf: refuse, has: refuse };
}

function shyError(): Error {
  const throwing = {
    get(): never {
      throw new Error('no');
    },
  };
  return Object.defineProperties(new Error(''), { message: throwing, stack: throwing, cause: throwing });
}

function foreignError(): unknown {
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  return runInNewContext("new TypeError('foreign')");
}
