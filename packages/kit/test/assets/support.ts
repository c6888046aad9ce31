import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { InitOptions } from 'plimsoll';
import { type Loose, type Service, startService } from '../parts/support.ts';

export const WRITE = 'write-token';
export const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

export interface AssetService extends Service {
  /** The assets folder. */
  readonly folder: string;
  post(path: string, body: unknown, token?: string | null): ReturnType<Service['ask']>;
  /** A form with a file, and fields. */
  send(
    name: string,
    data: string | Buffer,
    fields?: Record<string, string>,
    token?: string | null,
  ): ReturnType<Service['ask']>;
  write(path: string, data: string | Buffer): string;
  sidecar(path: string): Loose;
}

export async function startAssets(
  t: TestContext,
  { assets, ...rest }: InitOptions & { root?: string } = {},
): Promise<AssetService> {
  const started = await startService(t, {
    ...rest,
    flags: ['enable_assets'],
    assets: { writeToken: [WRITE], ...assets },
  });
  const folder = join(started.root, 'data/assets');
  const auth = (token: string | null) => (token === null ? {} : { authorization: `Bearer ${token}` });
  return {
    ...started,
    folder,
    post: (path, body, token = WRITE) =>
      started.ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...auth(token) } as Record<string, string>,
        body: JSON.stringify(body),
      }),
    send(name, data, fields = {}, token = WRITE) {
      const form = new FormData();
      for (const [key, value] of Object.entries(fields)) form.set(key, value);
      form.set('file', new Blob([data as never]), name);
      return started.ask('/assets/upload', {
        method: 'POST',
        headers: auth(token) as Record<string, string>,
        body: form,
      });
    },
    write(path, data) {
      const full = join(folder, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, data);
      return full;
    },
    sidecar: path => JSON.parse(readFileSync(join(folder, path), 'utf8')),
  };
}

/** Every file below a folder, sorted. */
export function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      // A link to a folder is followed here, and its files are not below this one.
      .filter(entry => entry.isFile() && realpathSync(entry.parentPath).startsWith(realpathSync(folder)))
      .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort()
  );
}
