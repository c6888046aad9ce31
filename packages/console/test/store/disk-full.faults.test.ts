import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { encodeTraces } from '@plimsoll/wire';
import { openDuckdbStore } from '../../src/store/duckdb/store.ts';
import { span, traces } from './contract.ts';

const program = join(import.meta.dirname, '../support/programs/receive.ts');
const SPANS = 400;

/** A file system of its own in memory; undefined where this process may not mount one. */
function smallDisk(t: TestContext, megabytes: number): { dir: string; resize(to: number): void } | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'plimsoll-test', dir], {
      stdio: 'pipe',
    });
  } catch {
    rmdirSync(dir);
    t.skip('needs root and mount: a disk that can be full is a file system of its own');
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', dir]);
    rmdirSync(dir);
  });
  return {
    dir,
    resize: to => execFileSync('mount', ['-o', `remount,size=${to}m`, dir]),
  };
}

async function start(t: TestContext, dir: string): Promise<{ child: ChildProcess; http: string }> {
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', program, dir, String(2 ** 20)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout! })) {
    return { child, http: (JSON.parse(line) as { http: string }).http };
  }
  throw new Error('the receiver did not start');
}

test('a full disk is answered with a reason to come back, loses nothing that was acknowledged, and passes', async t => {
  const disk = smallDisk(t, 24);
  if (disk === undefined) return;
  const { child, http } = await start(t, disk.dir);
  let next = 1;
  const acknowledged: number[] = [];
  const push = async (): Promise<Response> => {
    const own = Array.from({ length: SPANS }, () => next++);
    const many = own.map(n => span(n, { attributes: { n, pad: `${n}`.repeat(60) } }));
    const headers = { 'content-type': 'application/x-protobuf' };
    const body = Buffer.from(encodeTraces(traces('svc', ...many)));
    const response = await fetch(`${http}/v1/traces`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    if (response.status === 200) acknowledged.push(...own);
    return response;
  };
  let refused: Response | undefined;
  for (let i = 0; i < 2000 && refused === undefined; i++) {
    const response = await push();
    if (response.status !== 200) refused = response;
  }
  assert.ok(acknowledged.length > SPANS, 'it took something first');
  assert.equal(refused?.status, 503);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  // It goes on refusing, and lives.
  for (let i = 0; i < 5; i++) assert.ok([200, 503].includes((await push()).status));

  disk.resize(200);
  let taken = 0;
  for (let i = 0; i < 100 && taken < 10; i++) {
    if ((await push()).status === 200) taken += 1;
    else await new Promise(done => setTimeout(done, 100));
  }
  assert.equal(taken, 10, 'with room again it takes what comes');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = await openDuckdbStore({ dir: disk.dir, report: () => {} });
  t.after(() => store.close());
  const { spans } = await store.stats();
  t.diagnostic(`${acknowledged.length} acknowledged, ${spans} stored`);
  assert.ok(spans >= acknowledged.length, `${acknowledged.length} acknowledged, ${spans} stored`);
  for (const n of [acknowledged[0]!, acknowledged.at(-1)!, acknowledged[acknowledged.length >> 1]!]) {
    const { traceId } = span(n);
    assert.ok((await store.trace(traceId)).length > 0, `span ${n} is not there`);
  }
});
