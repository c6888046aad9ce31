import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { output } from '../src/parts/output/part.ts';
import { metricValue, openKit, run, start, until } from './unit/parts/support.ts';

const folders: string[] = [];
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-output-'));
  folders.push(dir);
  return dir;
}
after(() => {
  for (const dir of folders) rmSync(dir, { recursive: true, force: true });
});

/** The numbers of all lines in a run's files, oldest first; a line that is not whole fails. */
function numbersIn(dir: string): number[] {
  const [runFolder] = readdirSync(dir);
  const names = readdirSync(join(dir, runFolder!)).toSorted((a, b) =>
    b.localeCompare(a, 'en', { numeric: true }),
  );
  return names.flatMap(name => numbersOf(readFileSync(join(dir, runFolder!, name), 'utf8')));
}
function numbersOf(text: string): number[] {
  assert.ok(text === '' || text.endsWith('\n'), 'the last line is whole');
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as { n?: number })
    .flatMap(({ n }) => (n === undefined ? [] : [n]));
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('run.log', () => {
  for (const end of ['', 'exit', 'throw', 'reject', 'close']) {
    it(`holds every line, whole and in order, after ${end || 'a normal end'}`, async () => {
      const dir = folder();
      const { code } = await run('lines.ts', { DIR: dir, END: end, LINES: '20000' });
      assert.equal(code === 0, end !== 'throw' && end !== 'reject');
      assert.deepEqual(numbersIn(dir).slice(-5000), upTo(20_000).slice(-5000));
    });
  }

  it('holds every line when writes were under way at the end', async () => {
    const dir = folder();
    await run('lines.ts', { DIR: dir, END: 'exit', LINES: '3000', PAUSE: '1' });
    assert.deepEqual(numbersIn(dir), upTo(3000));
  });

  it('holds every line of a burst that no buffer would hold', async () => {
    const dir = folder();
    const kit = openKit({ log: { dir, stdout: false, fileMaxBytes: 64 * 1024 * 1024 } });
    await kit.use(output);
    const padding = 'x '.repeat(120);
    for (let n = 1; n <= 60_000; n++) kit.log.warn({ n, padding }, 'burst');
    await kit.close();
    assert.deepEqual(numbersIn(dir), upTo(60_000));
  });

  it('holds what came before a fatal line, and the line, when the process is killed right after it', async () => {
    const dir = folder();
    await run('lines.ts', { DIR: dir, END: 'fatal', LINES: '50' });
    assert.deepEqual(numbersIn(dir), upTo(50));
    const text = readFileSync(join(dir, readdirSync(dir)[0]!, 'run.log'), 'utf8');
    assert.match(text, /"level":"fatal","msg":"the last words"/);
  });

  it('turns over by size and keeps as many older files as it was told', async () => {
    const dir = folder();
    const kit = openKit({
      log: { dir, stdout: false, fileMaxBytes: 8192, fileKeep: 3, samplingRateInfo: 1 },
    });
    await kit.use(output);
    for (let n = 1; n <= 1000; n++) kit.log.warn({ n }, 'filling');
    await kit.close();
    const run = join(dir, readdirSync(dir)[0]!);
    assert.deepEqual(readdirSync(run).toSorted(), ['run.log', 'run.log.1', 'run.log.2', 'run.log.3']);
    for (const name of readdirSync(run)) assert.ok(statSync(join(run, name)).size <= 8192, name);
    const numbers = numbersIn(dir);
    assert.deepEqual(numbers, upTo(1000).slice(-numbers.length));
  });

  it('is for its owner alone', async t => {
    if (process.platform === 'win32') return t.skip('Windows has no modes');
    const dir = join(folder(), 'deeper');
    const kit = openKit({ log: { dir, stdout: false } });
    await kit.use(output);
    await kit.close();
    const run = join(dir, readdirSync(dir)[0]!);
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    assert.equal(statSync(run).mode & 0o777, 0o700);
    assert.equal(statSync(join(run, 'run.log')).mode & 0o777, 0o600);
  });

  it('lies under logs/ of the runtime root when no folder is named, and nowhere without either', async () => {
    const runtimeRoot = folder();
    const kit = openKit({ runtimeRoot, log: { stdout: false } });
    await kit.use(output);
    assert.match(String(kit.read<{ file: string }>('output')?.file), /logs\/run-\d{8}T\d{6}Z\/run\.log$/);
    await kit.close();
    const bare = openKit({ log: { stdout: false } });
    await bare.use(output);
    assert.equal(bare.read('output'), undefined);
    await bare.close();
  });

  it('gives two processes of one second a folder each', async () => {
    const dir = folder();
    const kits = [openKit({ log: { dir, stdout: false } }), openKit({ log: { dir, stdout: false } })];
    for (const kit of kits) await kit.use(output);
    assert.equal(readdirSync(dir).length, 2);
    for (const kit of kits) await kit.close();
  });

  it('comes back when its folder is deleted while it is in use', async () => {
    const dir = folder();
    const kit = openKit({ log: { dir, stdout: false, fileMaxBytes: 4096, samplingRateInfo: 1 } });
    await kit.use(output);
    kit.log.warn({ n: 1 }, 'before');
    kit.log.flush();
    rmSync(dir, { recursive: true });
    for (let n = 2; n <= 200; n++) kit.log.warn({ n }, 'after');
    await kit.close();
    assert.equal(numbersIn(dir).at(-1), 200);
  });

  it('a folder that can not be made costs the file, one coded line on standard error, and nothing else', async () => {
    const file = join(folder(), 'taken');
    writeFileSync(file, '');
    const { code, stdout, stderr } = await run('lines.ts', {
      DIR: join(file, 'logs'),
      STDOUT: '1',
      LINES: '10',
    });
    assert.equal(code, 0);
    assert.deepEqual(numbersOf(stdout), upTo(10));
    const told = stderr
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    assert.equal(told.length, 1);
    assert.equal(told[0].code, 'PLIMSOLL_LOG_WRITE');
    assert.equal(told[0].sink, 'file');
  });
});

describe('standard output', () => {
  for (const end of ['', 'exit', 'throw', 'close']) {
    it(`gets every line, whole and in order, before ${end || 'a normal end'}`, async () => {
      const { stdout } = await run('lines.ts', { STDOUT: '1', END: end, LINES: '5000' });
      assert.deepEqual(numbersOf(stdout), upTo(5000));
    });
  }

  it('a closed pipe does not stop the program', async () => {
    const child = start('lines.ts', { STDOUT: '1', LINES: '2000', PAUSE: '1' });
    child.stdout?.once('data', () => child.stdout?.destroy());
    const stderr: string[] = [];
    child.stderr?.on('data', chunk => stderr.push(String(chunk)));
    const code = await new Promise(resolve => child.on('exit', resolve));
    assert.equal(code, 0);
    const told = stderr
      .join('')
      .trim()
      .split('\n')
      .filter(line => line.includes('PLIMSOLL_LOG_WRITE'));
    assert.equal(told.length, 1);
    assert.match(told[0]!, /EPIPE/);
  });

  it('a reader that left costs every line from then on, and all are counted', async () => {
    const { stderr } = await run('lines.ts', { STDOUT: '1', LINES: '5000', END: 'lost' }, 'PROGRAM | true');
    const lost = Number(/^lost (\d+)$/m.exec(stderr)?.[1]);
    // What the pipe took before the reader was gone is 64 KB at most: nobody can know.
    assert.ok(lost > 4000, stderr);
  });

  it('a full disk is told once and does not stop the program', async t => {
    if (process.platform !== 'linux') return t.skip('needs /dev/full');
    const { code, stderr } = await run(
      'lines.ts',
      { STDOUT: '1', LINES: '5000', PAUSE: '1' },
      'PROGRAM > /dev/full',
    );
    assert.equal(code, 0);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.match(stderr, /"code":"PLIMSOLL_LOG_WRITE".*"reason":"ENOSPC"/);
  });

  it('a reader that stops for a while loses nothing', async () => {
    const child = start('lines.ts', { STDOUT: '1', LINES: '20000', END: 'close' });
    let stdout = '';
    // Nobody reads until well after the pipe is full.
    await new Promise(resolve => child.stdout?.once('readable', resolve));
    child.stdout?.on('data', chunk => {
      stdout += chunk;
    });
    child.stdout?.resume();
    await new Promise(resolve => child.on('close', resolve));
    assert.deepEqual(numbersOf(stdout), upTo(20_000));
  });
});

it('lines lost are counted by sink and cause', async () => {
  const file = join(folder(), 'taken');
  writeFileSync(file, '');
  const dir = folder();
  const kit = openKit({ log: { dir, stdout: false, fileMaxBytes: 4096 } });
  await kit.use(output);
  rmSync(dir, { recursive: true });
  // A file stands where the folder has to be made again.
  writeFileSync(dir, '');
  for (let n = 1; n <= 100; n++) kit.log.warn({ n }, 'nowhere to go');
  kit.log.flush();
  await until(() => kit.read<{ lost: number }>('output')!.lost > 0);
  assert.ok(metricValue(kit, 'plimsoll_log_lines_lost_total', { sink: 'file', reason: 'ENOTDIR' }) > 0);
  await kit.close();
});
