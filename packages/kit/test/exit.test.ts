import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeTraces } from '@plimsoll/wire';
import { BARE_ENV } from '../../../test/support/bare-env.ts';
import { openSink, type Sink } from './unit/parts/support.ts';

const PROGRAM = join(import.meta.dirname, 'support', 'programs', 'ending.ts');
const ALL_LINES = Array.from({ length: 500 }, (_, n) => n + 1);
const ALL_SPANS = Array.from({ length: 20 }, (_, n) => `span ${n}`).toSorted();

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Of standard output, and of run.log. */
  readonly lines: Record<string, unknown>[];
  readonly file: Record<string, unknown>[];
  readonly spans: string[];
}

describe('the end of a process', { concurrency: 4 }, () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-exit-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the program to its end; a signal is sent once it says that it is ready. */
  async function end(how: string, signal?: NodeJS.Signals): Promise<Ended> {
    const sink = await openSink();
    const dir = join(folder, `${how || 'natural'}-${signal ?? ''}`);
    const env = { ...BARE_ENV, END: how, DIR: dir, ENDPOINT: sink.url };
    const child = spawn(process.execPath, ['--conditions=plimsoll-source', PROGRAM], { env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', chunk => {
      stdout += chunk;
    });
    child.stderr.on('data', chunk => {
      if (signal && !stderr.includes('ready') && `${stderr}${chunk}`.includes('ready')) child.kill(signal);
      stderr += chunk;
    });
    const [code, killed] = await new Promise<[number | null, NodeJS.Signals | null]>(resolve =>
      child.on('close', (...how) => resolve(how)),
    );
    await sink.close();
    const file = readFileSync(join(dir, readdirSync(dir)[0] as string, 'run.log'), 'utf8');
    return { code, signal: killed, stderr, lines: parse(stdout), file: parse(file), spans: spansOf(sink) };
  }

  /** A write that a thread has in hand at the end may reach standard output after what follows it. */
  function assertWhole({ lines, file }: Ended): void {
    const counted = (all: Ended['lines']) =>
      all.filter(line => line['msg'] === 'counted').map(line => line['n'] as number);
    assert.deepEqual(
      counted(lines).toSorted((a, b) => a - b),
      ALL_LINES,
    );
    assert.deepEqual(counted(file), ALL_LINES);
  }

  test('that comes by itself: every line, every span, code 0', async () => {
    const ended = await end('');
    assertWhole(ended);
    assert.deepEqual(ended.spans, ALL_SPANS);
    assert.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, '']);
  });

  test('keeps the code that the program set', async () => {
    const ended = await end('exit-code');
    assert.equal(ended.code, 5);
    assert.deepEqual(ended.spans, ALL_SPANS);
  });

  test('is not changed by a teardown that fails', async () => {
    const ended = await end('bad-teardown');
    assertWhole(ended);
    assert.deepEqual([ended.code, ended.spans], [0, ALL_SPANS]);
  });

  test('by process.exit: every line, and its code', async () => {
    const ended = await end('exit');
    assertWhole(ended);
    assert.equal(ended.code, 3);
  });

  for (const [how, message] of [
    ['throw', 'the program broke, says [email]'],
    ['reject', 'nobody caught this'],
  ] as const) {
    test(`by an error that nobody caught (${how}): every line, the error as the last, and Node's own report`, async () => {
      const ended = await end(how);
      assertWhole(ended);
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, /Error: (the program broke|nobody caught)/);
      const told = ended.lines.find(line => line['level'] === 'fatal');
      for (const last of [told, ended.file.at(-1)]) {
        assert.equal(last?.['level'], 'fatal');
        assert.equal(last?.['msg'], 'uncaught_exception');
        assert.equal((last?.['err'] as Record<string, unknown> | undefined)?.['message'], message);
      }
    });
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`by ${signal}: every line, every span, and the signal is what ended it`, async () => {
      const ended = await end('wait', signal);
      assertWhole(ended);
      assert.deepEqual(ended.spans, ALL_SPANS);
      assert.deepEqual([ended.code, ended.signal], [null, signal]);
    });
  }

  test('by SIGTERM with two kits in the process', async () => {
    const ended = await end('two-kits', 'SIGTERM');
    assertWhole(ended);
    assert.deepEqual([ended.signal, ended.spans], ['SIGTERM', ALL_SPANS]);
  });

  for (const how of ['own-once-before', 'own-once-after', 'own-on-after']) {
    test(`is the app's to decide where it listens for the signal itself (${how})`, async () => {
      const ended = await end(how, 'SIGTERM');
      assertWhole(ended);
      assert.match(ended.stderr, /drained after SIGTERM/);
      assert.deepEqual([ended.code, ended.signal], [7, null]);
    });
  }
});

function parse(text: string): Record<string, unknown>[] {
  assert.ok(text.endsWith('\n'), 'the last line is whole');
  return text
    .slice(0, -1)
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>);
}

function spansOf(sink: Sink): string[] {
  return sink.received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => decodeTraces(body))
    .flatMap(group => group.scopes.flatMap(scope => scope.items.map(span => span.name)))
    .filter(name => /^span \d+$/.test(name))
    .toSorted();
}
