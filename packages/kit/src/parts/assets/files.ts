import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../base/atomic-file.ts';
import { OpsError } from '../../base/ops-error.ts';

export interface Hashed {
  readonly hash: string;
  readonly bytes: number;
}

const CHUNK = 1024 * 1024;

/** SHA-256 of a file, a megabyte at a time into one buffer. */
export async function hashFile(path: string): Promise<Hashed> {
  const file = await open(path, 'r');
  try {
    return await hashHandle(file);
  } finally {
    await file.close();
  }
}

export async function hashHandle(file: FileHandle): Promise<Hashed> {
  const hash = createHash('sha256');
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK, size)));
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, bytes);
    if (bytesRead === 0) break;
    hash.update(bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead));
    bytes += bytesRead;
  }
  return { hash: hash.digest('hex'), bytes };
}

export interface Received extends Hashed {
  /** Synced, under a name of its own. */
  readonly path: string;
}

/**
 * Writes a stream to a temporary file and hashes it on the way, a chunk at a time. Rejects with `payload_too_large` at
 * the first byte over the limit; whatever it rejects with, no file is left.
 */
export async function receive(
  stream: AsyncIterable<Uint8Array>,
  folder: string,
  limit = Number.MAX_SAFE_INTEGER,
): Promise<Received> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${Date.now()}-${randomBytes(8).toString('hex')}`);
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.byteLength;
      if (bytes > limit) throw new OpsError('payload_too_large', { hint: `At most ${limit} bytes.` });
      hash.update(chunk);
      for (let done = 0; done < chunk.byteLength; ) done += (await file.write(chunk, done)).bytesWritten;
    }
    await file.sync();
    await file.close();
    return { path, hash: hash.digest('hex'), bytes };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(path, { force: true });
    throw error;
  }
}

export function copyIn(source: string, folder: string): Promise<Received> {
  return receive(createReadStream(source, { highWaterMark: CHUNK }), folder);
}

/** Puts a received file in its place; the folder is synced, so that the name is on the disk too. */
export async function moveTo(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  await syncFolder(to);
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** What a process left that ended in the middle; a day is longer than any upload. */
export async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const began = Number(/^(\d{12,})-/.exec(name)?.[1] ?? Number.NaN);
    if (Date.now() - began > 86_400_000) await rm(join(folder, name), { force: true });
  }
}

/** Every regular file below a folder, relative with `/`; links are not followed, and what can't be read is told. */
export async function* walk(
  root: string,
  { skip, onError }: { skip: (path: string) => boolean; onError: (path: string) => void },
): AsyncGenerator<readonly string[]> {
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => undefined);
    if (entries === undefined) {
      onError(folder);
      continue;
    }
    const files: string[] = [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (skip(path)) continue;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path);
    }
    if (files.length > 0) yield files;
  }
}
