import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempFolder } from '../parts/support.ts';
import { filesIn } from './support.ts';

/** By hand: `PLIMSOLL_UPLOAD_MB=2048 npm test -- packages/kit/test/assets/memory.faults.test.ts`. */
const MEGABYTES = Number(process.env['PLIMSOLL_UPLOAD_MB'] ?? 256);
const MB = 1024 * 1024;
const ROOM_KB = 96 * 1024;
const PROGRAM = join(import.meta.dirname, '../support/programs/assets-server.ts');

async function start(t: TestContext, root: string): Promise<{ child: ChildProcess; port: number }> {
  mkdirSync(join(root, 'config'), { recursive: true });
  writeFileSync(join(root, 'config/plimsoll.json'), '{"features":{"enable_assets":true}}');
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', PROGRAM, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const first = await createInterface(child.stdout!)[Symbol.asyncIterator]().next();
  return { child, port: Number(first.value) };
}

const kb = ({ pid }: ChildProcess, name: 'VmRSS' | 'VmHWM') =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Sends a form of so many megabytes, at the pace that the server takes them; `until` may end it early. */
function upload(port: number, megabytes: number, until?: (sent: number) => boolean) {
  const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="big.bin"\r\n\r\n';
  const req = http.request({
    ...{ host: '127.0.0.1', port, path: '/assets/upload', method: 'POST' },
    headers: { authorization: 'Bearer write-token', 'content-type': 'multipart/form-data; boundary=b' },
  });
  req.setMaxListeners(0);
  const hash = createHash('sha256');
  const answer = new Promise<{ status: number; text: string } | undefined>(resolve => {
    req.on('error', () => resolve(undefined));
    req.on('response', async res => {
      let text = '';
      for await (const chunk of res) text += chunk;
      resolve({ status: res.statusCode ?? 0, text });
    });
  });
  const send = async (): Promise<void> => {
    req.write(head);
    const piece = Buffer.alloc(MB);
    for (let n = 0; n < megabytes; n += 1) {
      piece.writeUInt32LE(n, 0);
      hash.update(piece);
      if (!req.write(Buffer.from(piece))) await Promise.race([once(req, 'drain'), once(req, 'close')]);
      if (until?.(n)) return void req.destroy();
    }
    req.end('\r\n--b--\r\n');
  };
  return { sent: send(), answer, hash };
}

test(`memory stays flat while ${MEGABYTES} MB are uploaded and downloaded, and the bytes are the same`, {
  timeout: 600_000,
}, async t => {
  const { child, port } = await start(t, tempFolder(t));
  const small = upload(port, 8);
  await small.sent;
  assert.equal((await small.answer)?.status, 200);
  const before = kb(child, 'VmRSS');
  const { sent, answer, hash } = upload(port, MEGABYTES);
  await sent;
  const { status, text } = (await answer) ?? {};
  assert.equal(status, 200, text);
  const { asset } = JSON.parse(text ?? '') as { asset: { hash: string; uid: string; bytes: number } };
  assert.deepEqual([asset.hash, asset.bytes], [hash.digest('hex'), MEGABYTES * MB]);
  const uploaded = kb(child, 'VmHWM') - before;
  const check = createHash('sha256');
  const response = await fetch(`http://127.0.0.1:${port}/assets/${asset.uid}/download`);
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) check.update(chunk);
  assert.equal(check.digest('hex'), asset.hash);
  const both = kb(child, 'VmHWM') - before;
  t.diagnostic(
    `resident memory at most ${Math.round(uploaded / 1024)} MB over the start, ${Math.round(both / 1024)} MB with the download`,
  );
  assert.ok(both < ROOM_KB, `${both} KB more`);
});

test('a client that leaves, and a process that is killed, in the middle of an upload leave no asset and no file in place', async t => {
  const root = tempFolder(t);
  const { child, port } = await start(t, root);
  const left = upload(port, 64, sent => sent === 32);
  await left.sent;
  await left.answer;
  const folder = join(root, 'data/assets');
  for (let n = 0; n < 200 && filesIn(folder).length > 0; n += 1) await sleep(20);
  assert.deepEqual(filesIn(folder), []);
  const cut = upload(port, 64, sent => sent === 32 && child.kill('SIGKILL'));
  await cut.sent;
  await once(child, 'exit').catch(() => {});
  assert.ok(filesIn(folder).every(path => path.startsWith('_tmp/')));
  const again = await start(t, root);
  const { total } = (await (await fetch(`http://127.0.0.1:${again.port}/assets`)).json()) as {
    total: number;
  };
  assert.equal(total, 0);
});
