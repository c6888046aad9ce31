import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { StudioOptions } from '../src/app.ts';
import { listen, type RunningStudio } from '../src/server.ts';

/** Something parsed from an answer, whose shape the test is about to check. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}

export interface Raised {
  readonly event: string;
  readonly data: Json;
}

export interface Running extends RunningStudio {
  /** All that was raised so far. */
  readonly raised: readonly Raised[];
  /** With a body it posts; a text is sent as it stands. */
  call(path: string, body?: unknown, init?: RequestInit): Promise<Answer>;
}

export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'studio-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** studio on a free port, in a folder of its own and in development, silent on standard output. */
export async function startStudio(t: TestContext, options: StudioOptions = {}): Promise<Running> {
  const raised: Raised[] = [];
  const studio = await listen({
    port: 0,
    settings: { runtimeRoot: folder(t) },
    ...options,
    obs: { env: 'development', log: { stdout: false }, ...options.obs },
  });
  t.after(() => studio.close());
  for (const event of ['on_scene_enter', 'on_choice_render', 'on_policy_enforced'])
    studio.obs.hooks.on(event, (_event, data) => raised.push({ event, data: structuredClone(data) }));
  const call = (path: string, body?: unknown, init?: RequestInit) => ask(studio.origin + path, body, init);
  return { ...studio, raised, call };
}

async function ask(url: string, body: unknown, init: RequestInit = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(url, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    }),
    ...init,
  });
  const got = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  return {
    status: answer.status,
    headers: answer.headers,
    text: got,
    body: isJson ? JSON.parse(got) : undefined,
  };
}

/** Polls until it holds; the test's own time limit is the only one. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20));
}
