import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { SignJWT } from 'jose';
import { createDivan, type DivanApp, type DivanOptions } from '../src/app.ts';

export const SECRET = 'a secret of divan that is long enough for HS256';
export const ADMIN = 'admin-token-for-tests';

/** Something parsed from an answer, whose shape the test is about to check. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}

export interface Asking {
  readonly as?: string;
  readonly campus?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Running extends DivanApp {
  readonly origin: string;
  call(path: string, asking?: Asking): Promise<Answer>;
  /** The text of /metrics. */
  metrics(): Promise<string>;
}

/** divan on a free port of the loopback, in development unless told, silent on standard output. */
export async function startDivan(t: TestContext, options: DivanOptions = {}): Promise<Running> {
  const divan = await createDivan({
    settings: { jwtSecret: SECRET },
    ...options,
    obs: { env: 'development', log: { stdout: false }, ops: { adminToken: [ADMIN] }, ...options.obs },
  });
  t.after(() => divan.close());
  await divan.app.listen({ host: '127.0.0.1', port: 0 });
  const origin = `http://127.0.0.1:${(divan.app.server.address() as AddressInfo).port}`;
  const call = (path: string, asking?: Asking) => ask(origin + path, asking);
  const metrics = async () => (await call('/metrics', { headers: { 'X-Admin-Token': ADMIN } })).text;
  return { ...divan, origin, call, metrics };
}

async function ask(url: string, { as, campus, method, headers, body }: Asking = {}): Promise<Answer> {
  const answer = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(as && { 'X-User-Id': as }),
      ...(campus && { 'X-Campus-Id': campus }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}

export interface Claims {
  readonly secret?: string;
  readonly campus_id?: string;
  readonly roles?: readonly string[];
  /** Seconds from now; below zero for a token that has expired. */
  readonly expires?: number;
}

export function tokenFor(
  userId: string,
  { secret = SECRET, expires = 60, ...claims }: Claims = {},
): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setExpirationTime(Math.floor(Date.now() / 1000) + expires)
    .sign(new TextEncoder().encode(secret));
}

export const beat = (lat: number, lon: number, rest: object = {}) => ({
  lat,
  lon,
  accuracy_m: 5,
  device_id: 'd-1',
  ts_client: 1_700_000_000_000,
  ...rest,
});

/** The value of one sample, or undefined where the text has none. */
export function sample(text: string, series: string): number | undefined {
  const line = text.split('\n').find(one => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1).split(' ')[0]);
}
