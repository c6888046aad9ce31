import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { OpsError } from '../../base/ops-error.ts';
import { OWN } from './places.ts';

export const SIDECAR = '.asset.json';
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i;
/** Control characters, and what Windows reads as a drive, a stream or a wildcard. */
const ODD = /[\u0000-\u001f\u007f\\:*?"<>|]/;
const OWN_FOLDERS: ReadonlySet<string> = new Set(Object.values(OWN));

/**
 * A relative path that means the same on every system, or `unsafe path`: no `..`, no root, no drive, nothing that
 * Windows would read as a device, and none of our own names.
 */
export function safePath(path: string): string {
  const parts = path.split('/');
  const wrong =
    ODD.test(path) ||
    path.length > 1024 ||
    OWN_FOLDERS.has(parts[0] ?? '') ||
    path.endsWith(SIDECAR) ||
    parts.some(isUnsafePart);
  if (wrong) throw new OpsError('unsafe path');
  return path;
}

function isUnsafePart(part: string): boolean {
  return (
    part === '' ||
    part === '.' ||
    part === '..' ||
    Buffer.byteLength(part) > 240 ||
    /[. ]$/.test(part) ||
    part.startsWith(' ') ||
    RESERVED.test(part)
  );
}

/** A file name out of what somebody sent: its last part, with what no path may hold replaced. */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replace(/[\u0000-\u001f\u007f:*?"<>|]/g, '_')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(-200);
  const named = clean === '' || RESERVED.test(clean) ? `file_${clean}` : clean;
  return named.endsWith(SIDECAR) ? `${named}.bin` : named;
}

/** The absolute place of a safe path, whose folders that exist are no way out of the root. */
export async function placeIn(root: string, path: string): Promise<string> {
  const full = join(root, safePath(path));
  await staysInside(root, full);
  return full;
}

async function staysInside(root: string, full: string): Promise<void> {
  const top = await realpath(root).catch(() => root);
  for (let folder = dirname(full); ; folder = dirname(folder)) {
    const found = await realpath(folder).catch(() => undefined);
    if (found === undefined && folder.length > root.length) continue;
    if (found !== undefined && found !== top && !within(top, found)) throw new OpsError('unsafe path');
    break;
  }
  const stat = await lstat(full).catch(() => undefined);
  if (stat !== undefined && !stat.isFile()) throw new OpsError('unsafe path');
}

/** A file that may be taken over: it is one, it is there, and its real place is in one of the folders. */
export async function sourceFile(path: string, roots: readonly string[]): Promise<string> {
  if (/[\u0000-\u001f]/.test(path) || path.split(/[/\\]/).includes('..')) throw new OpsError('unsafe path');
  const first = roots[0] as string;
  const full = isAbsolute(path) ? path : join(first, path);
  const inside = (one: string) => roots.some(root => within(root, one));
  if (!inside(full)) throw new OpsError('unsafe path');
  const real = await realpath(full).catch(() => undefined);
  if (real === undefined) throw new OpsError('source not found');
  const tops = await Promise.all(roots.map(root => realpath(root).catch(() => root)));
  if (!tops.some(root => within(root, real))) throw new OpsError('unsafe path');
  const stat = await lstat(real);
  if (!stat.isFile()) throw new OpsError('source not found');
  if (real.endsWith(SIDECAR) || OWN_FOLDERS.has(relativeTo(tops[0] as string, real).split('/')[0] ?? '')) {
    throw new OpsError('unsafe path');
  }
  return real;
}

export function within(root: string, path: string): boolean {
  const between = relative(root, path);
  return between !== '' && between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}

/** With `/` on every system. */
export function relativeTo(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

/** The names of the legacy mirror: without the extension as the seed has it, else with it. */
export function mirrorNames(path: string): readonly string[] {
  const bare = path.replace(/(?<=[^/])\.[^./]+$/, '');
  return [...new Set([`${OWN.mirror}/${bare}.json`, `${OWN.mirror}/${path}.json`])];
}

export const sidecarPath = (path: string): string => `${path}${SIDECAR}`;
