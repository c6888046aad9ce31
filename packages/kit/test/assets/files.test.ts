import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesIn, sha256, startAssets, WRITE } from './support.ts';

const tags = (...words: string[]) => JSON.stringify({ tags: words, license: 'CC0' });

test('a download is the file, and is refused for tampering, a blocked licence and missing provenance, with the reason', async t => {
  const { send, folder, ask, post } = await startAssets(t, {
    assets: { blockedLicenses: ['NC'], requireProvenance: true },
  });
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
  const provenance = JSON.stringify({ source: 'test' });
  const good = await send('näme.bin', bytes, { provenance, metadata: tags('a') });
  const response = await ask(`/assets/${good.body.uid}/download`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-length'), String(bytes.length));
  assert.match(response.headers.get('content-disposition') ?? '', /filename\*=UTF-8''n%C3%A4me\.bin/);
  const reason = async (uid: string) => {
    const { status, body } = await ask(`/assets/${uid}/download`);
    return [status, body.code];
  };
  writeFileSync(join(folder, good.body.path), Buffer.alloc(bytes.length));
  assert.deepEqual(await reason(good.body.uid), [403, 'hash_mismatch']);
  rmSync(join(folder, good.body.path));
  assert.deepEqual(await reason(good.body.uid), [404, 'asset file missing']);
  const blocked = await send('b.bin', 'b', { provenance, metadata: JSON.stringify({ license: 'nc' }) });
  assert.deepEqual(await reason(blocked.body.uid), [403, 'license_blocked']);
  const bare = await send('c.bin', 'c');
  assert.deepEqual(await reason(bare.body.uid), [403, 'provenance_missing']);
  assert.deepEqual(await reason('0000000000000000'), [404, 'asset not found']);
  assert.equal((await post('/api/assets/rebuild', {})).status, 200);
});

test('a removed asset goes to the trash with its sidecar, or for good, and leaves no row, record or preview', async t => {
  const { send, ask, folder, obs } = await startAssets(t);
  const auth = { method: 'DELETE', headers: { authorization: `Bearer ${WRITE}` } };
  const first = await send('a.wav', wav(), { provenance: JSON.stringify({ source: 's' }) });
  await preview(obs, first.body.uid);
  assert.deepEqual((await ask(`/assets/${first.body.uid}`, auth)).body, { ok: true, trashed: true });
  assert.deepEqual(
    filesIn(folder).map(path => path.replace(/\d{13}/, 'T')),
    [`_trash/T-${first.body.uid}/generic/a.wav`, `_trash/T-${first.body.uid}/generic/a.wav.asset.json`],
  );
  const second = await send('b.txt', 'b');
  assert.deepEqual((await ask(`/assets/${second.body.uid}?remove_files=true`, auth)).body, {
    ok: true,
    removed: true,
  });
  assert.equal(filesIn(folder).length, 2);
  assert.equal((await ask(`/assets/${second.body.uid}`, auth)).status, 404);
  assert.equal((await send('a.wav', wav())).body.asset.provenance, undefined);
});

/** A second of a rising tone: 16 bits, mono. */
function wav(): Buffer {
  const frames = 8000;
  const data = Buffer.alloc(44 + frames * 2);
  data.write('RIFF', 0, 'latin1');
  data.writeUInt32LE(36 + frames * 2, 4);
  data.write('WAVEfmt ', 8, 'latin1');
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(8000, 24);
  data.writeUInt32LE(16_000, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36, 'latin1');
  data.writeUInt32LE(frames * 2, 40);
  for (let n = 0; n < frames; n++)
    data.writeInt16LE(Math.round((n / frames) * 32_000 * Math.sin(n)), 44 + n * 2);
  return data;
}

async function preview(obs: import('plimsoll').Obs, uid: string): Promise<import('plimsoll').Asset> {
  for (let tries = 0; tries < 400; tries++) {
    const asset = await obs.assets.get(uid);
    if (asset?.preview !== undefined || asset?.thumbnails !== undefined) return asset;
    await new Promise(done => setTimeout(done, 10));
  }
  throw new Error('no preview came');
}

test('a WAV file gets a waveform of at most 512 peaks in the background, and its sidecar says so', async t => {
  const { send, obs, folder, sidecar, ask } = await startAssets(t);
  const { body } = await send('tone.wav', wav(), { asset_type: 'audio' });
  const asset = await preview(obs, body.uid);
  const { peaks, sample_rate, seconds } = JSON.parse(
    readFileSync(join(folder, asset.preview as string), 'utf8'),
  );
  assert.deepEqual([peaks.length, sample_rate, seconds], [512, 8000, 1]);
  assert.ok(peaks[500] > peaks[10] && Math.max(...peaks) <= 1);
  assert.equal((await ask(`/assets/${body.uid}/preview`)).body.peaks.length, 512);
  for (let tries = 0; tries < 200 && sidecar('audio/tone.wav.asset.json').preview === undefined; tries++) {
    await new Promise(done => setTimeout(done, 10));
  }
  assert.equal(sidecar('audio/tone.wav.asset.json').links.preview, asset.preview);
  assert.equal(sha256(readFileSync(join(folder, 'audio/tone.wav'))), body.asset.hash);
  assert.equal((await ask(`/assets/${body.uid}/download`)).status, 200);
});

test('an image gets thumbnails of 256 and 512 pixels from sharp, and its own bytes stay', async t => {
  const { default: sharp } = await import('sharp');
  const { send, obs, folder } = await startAssets(t);
  const picture = await sharp({ create: { width: 900, height: 600, channels: 3, background: '#c33' } })
    .png()
    .toBuffer();
  const { body } = await send('red.png', picture, { asset_type: 'images' });
  const { thumbnails = {} } = await preview(obs, body.uid);
  const sizes = await Promise.all(
    ['256', '512'].map(size => sharp(join(folder, thumbnails[size] as string)).metadata()),
  );
  assert.deepEqual(
    sizes.map(({ width, height }) => [width, height]),
    [
      [256, 171],
      [512, 341],
    ],
  );
  assert.equal(sha256(readFileSync(join(folder, 'images/red.png'))), sha256(picture));
});

test('the bytes of a download are those of the upload', async t => {
  const { send, url } = await startAssets(t);
  const bytes = Buffer.from(Array.from({ length: 700_001 }, (_, at) => (at * 7) % 256));
  const { body } = await send('x.bin', bytes);
  const response = await fetch(`${url}/assets/${body.uid}/download`);
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes));
  const head = await fetch(`${url}/assets/${body.uid}/download`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(bytes.length)]);
});
