import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WriteOptions {
  /** Permissions of a new file; default owner only. */
  readonly mode?: number;
}

/** Owner only: what we write may tell of people. */
const OWNER = 0o600;

/**
 * Puts a whole file in place, making its folder: written to a temporary name beside it, synced, renamed. A reader, and
 * a machine that loses power, see the old bytes or the new. Rejects with what the file system throws.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  { mode = OWNER }: WriteOptions = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = temporary(path);
  try {
    const file = await open(fresh, 'wx', mode);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(path);
}

/** The same on the spot, for a process that is about to end. */
export function writeFileAtomicSync(
  path: string,
  data: string | Uint8Array,
  { mode = OWNER }: WriteOptions = {},
): void {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = temporary(path);
  try {
    const fd = openSync(fresh, 'wx', mode);
    try {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** A rename is on the disk when its folder is. Windows can't open a folder, and needs no sync of it. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function temporary(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}
