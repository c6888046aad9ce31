import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type InitOptions, init, type Obs } from 'plimsoll';
import { writeFileAtomicSync } from '../../src/base/atomic-file.ts';

/** An answer, loosely typed for assertions. */
// biome-ignore lint/suspicious/noExplicitAny: a test asserts what it reads
export type Json = Record<string, any>;
export interface Hook {
  readonly event: string;
  readonly data: Json;
}
export interface Perf {
  readonly obs: Obs;
  readonly root: string;
  readonly url: string;
  /** What was raised on the event bus; the bus of this harness keeps what it was handed. */
  readonly hooks: Hook[];
  readonly lines: Json[];
  /** Changes the flags in the file, and waits until the parts have followed. */
  flags(features: Readonly<Record<string, boolean>>): Promise<void>;
  ask(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Json; headers: Headers }>;
}

const CALM = { cpu: 10, mem_used_mb: 1000, mem_total_mb: 16_384 };
export const TOKEN = 'perf-token';

/** A service with the flags of its config file, and a sampler that says what the test wants. */
export async function perf(
  t: TestContext,
  features: Readonly<Record<string, boolean>>,
  code: InitOptions = {},
): Promise<Perf> {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-perf-'));
  const write = (flags: object) =>
    writeFileAtomicSync(join(root, 'config/plimsoll.json'), JSON.stringify({ features: flags }));
  write(features);
  const obs = await init({
    ...{ service: 'studio', env: 'test', runtimeRoot: root, drain: { enabled: false } },
    ...code,
    ops: { adminToken: [TOKEN], ...code.ops },
    log: { stdout: false, samplingRateInfo: 1, ...code.log },
  } as InitOptions);
  const hooks: Hook[] = [];
  const bus = { emit: (event: string, data: Json) => hooks.push({ event, data }) > 0 };
  obs.expose('port.events', () => bus);
  const lines: Json[] = [];
  obs.onLine(line => lines.push(JSON.parse(line) as Json));
  const server = createServer(obs.handler((_req, res) => res.end('app')));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await obs.close();
    rmSync(root, { recursive: true, force: true });
  });
  await obs.budgets.sampler(() => CALM);
  return {
    ...{ obs, root, url, hooks, lines },
    async flags(next) {
      write(next);
      obs.flags.refresh();
      // The change is followed behind a promise of the switch, and health tells when it was.
      for (let turn = 0; turn < 400; turn++) await new Promise(resolve => setImmediate(resolve));
      await obs.budgets.sampler(() => CALM);
    },
    async ask(path, body, headers = {}) {
      const response = await fetch(`${url}${path}`, {
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && {
          method: 'POST',
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      });
      const text = await response.text();
      const parsed = text.startsWith('{') ? (JSON.parse(text) as Json) : { text };
      return { status: response.status, body: parsed, headers: response.headers };
    },
  };
}
