import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { type InitOptions, init, type Obs } from 'plimsoll';

export const CONFIG = 'config/plimsoll.json';
export const FLAG_ON = { features: { enable_observability: true, enable_privacy_telemetry: true } };
export const CONSENT = { telemetry: { telemetry_opt_in: true, dry_run: true } };

// Consent is given by the tests, and CI and others who set these speak for no user of theirs.
delete process.env['CI'];
delete process.env['DO_NOT_TRACK'];

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

export interface TelemetryApp {
  readonly obs: Obs;
  readonly root: string;
  readonly url: string;
  readonly lines: Json[];
  /** A route below the prefix. */
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  /** Writes the config file as an editor would, and lets the app see it. */
  config(content: Json): void;
  file(path: string): string | undefined;
  usage(): Json | undefined;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly config?: Json;
  /** A folder of an app before. */
  readonly root?: string;
  readonly options?: InitOptions;
}

/** A small Hono app with telemetry's routes on it, in a runtime root of its own. */
export async function telemetryApp(t: TestContext, given: AppOptions = {}): Promise<TelemetryApp> {
  const root = given.root ?? newRoot(t);
  if (given.config !== undefined) writeJson(join(root, CONFIG), given.config);
  const app = new Hono();
  const obs = await init(app, {
    ...{ service: 'telemetry-demo', version: '1.2.3', env: 'development', runtimeRoot: root },
    ...{ trace: { enabled: false }, ...given.options },
    log: { stdout: false, samplingRateInfo: 1, ...given.options?.log },
  } as InitOptions);
  app.get('/hello', c => c.text('hello'));
  const lines: Json[] = [];
  obs.onLine(line => void lines.push(JSON.parse(line) as Json));
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await obs.close();
    })();
    return closed;
  };
  t.after(close);
  const file = (path: string): string | undefined =>
    existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
  return {
    ...{ obs, root, url, lines, close, file },
    ...client(url),
    config: content => {
      writeJson(join(root, CONFIG), content);
      obs.flags.refresh();
    },
    usage: () => {
      const text = file('logs/telemetry/usage.json');
      return text === undefined ? undefined : (JSON.parse(text) as Json);
    },
  };
}

export function client(url: string): Pick<TelemetryApp, 'get' | 'post'> {
  const ask = async (path: string, request: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${url}/api/telemetry/${path}`, request);
    return { status: response.status, body: (await response.json()) as Json };
  };
  return {
    get: path => ask(path),
    post: (path, body) =>
      ask(path, {
        method: 'POST',
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      }),
  };
}

export function newRoot(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-telemetry-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

export function writeJson(path: string, content: Json): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(content, null, 2));
}

export async function eventually<T>(what: () => T | undefined | false): Promise<T> {
  for (let turn = 0; turn < 1000; turn++) {
    const found = what();
    if (found !== undefined && found !== false) return found;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${what}`);
}

/** Flag and consent for all that there is. */
export const ON = {
  features: { ...FLAG_ON.features, enable_crash_uploader: true },
  telemetry: { ...CONSENT.telemetry, diagnostics_opt_in: true, crash_opt_in: true },
};

/** The files of a bundle as they are in the zip that a client gets. */
export async function bundleOf(
  app: TelemetryApp,
): Promise<{ name: string; files: Record<string, string>; path: string }> {
  const response = await fetch(`${app.url}/api/telemetry/diagnostics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/zip');
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? '';
  const path = join(app.root, name);
  writeFileSync(path, Buffer.from(await response.arrayBuffer()));
  execFileSync('unzip', ['-tqq', path]);
  const members = execFileSync('unzip', ['-Z1', path], { encoding: 'utf8' }).trim().split('\n');
  const files = Object.fromEntries(
    members.map(member => [member, execFileSync('unzip', ['-p', path, member], { encoding: 'utf8' })]),
  );
  return { name, files, path };
}
