import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Said } from './requests.ts';
import type { Marked } from './service.ts';

export interface Sink {
  readonly name: string;
  readonly text: string;
  /** The service's own data, which its own store and its answers may keep. */
  readonly own: boolean;
}

/** Where an app's own data is kept and given back: the registries of assets, budgets, profiler and providers. */
const OWN = [
  /^(GET|POST|PATCH) \/(api\/)?assets/,
  /^(GET|POST) \/api\/(perf|providers)/,
  /^data\//,
  /^settings\//,
];
/** What must hold secrets to do its work is its owner's alone; nothing else of the root is. */
const SECRET_FILES = ['settings/providers.json', 'hooks/webhook-secrets.json'];

export function sinksOf(service: Marked, said: readonly Said[]): readonly Sink[] {
  const sinks: Sink[] = [];
  const add = (name: string, text: string) =>
    sinks.push({ name, text, own: OWN.some(pattern => pattern.test(name)) });
  for (const { from, text, head } of said) add(from, `${head}\n${text}\n${decoded(text)}`);
  for (const line of service.lines) add('line', line);
  for (const message of service.stream) add('stream', message);
  for (const [name, bodies] of Object.entries(service.received))
    for (const body of bodies) add(name, body.toString('latin1'));
  for (const [name, bytes] of filesOf(service.root)) add(name, `${name}\n${bytes.toString('latin1')}`);
  return sinks;
}

/** The exact bytes that a preview or a ledger shows are base64 within the answer. */
function decoded(text: string): string {
  return [...text.matchAll(/"body":"([A-Za-z0-9+/=]{16,})"/g)]
    .map(([, body]) => Buffer.from(body as string, 'base64').toString('latin1'))
    .join('\n');
}

/** Every file, zips as their members, and the empty folders by name. */
function* filesOf(root: string): Generator<readonly [name: string, bytes: Buffer]> {
  for (const name of readdirSync(root, { recursive: true }).map(String)) {
    const path = join(root, name);
    if (!statSync(path).isFile()) yield [name, Buffer.alloc(0)];
    else if (SECRET_FILES.includes(name)) continue;
    else if (name.endsWith('.zip')) yield [name, execFileSync('unzip', ['-p', path])];
    else if (name.endsWith('.gz')) yield [name, gunzipSync(readFileSync(path))];
    else yield [name, readFileSync(path)];
  }
}

export function modesOf(root: string): readonly (readonly [name: string, mode: number])[] {
  return SECRET_FILES.map(name => [name, statSync(join(root, name)).mode & 0o777] as const);
}
