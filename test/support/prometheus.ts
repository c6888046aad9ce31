import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { has } from './has.ts';

const WAIT_MS = 30_000;

export interface Exemplar {
  readonly labels: Record<string, string>;
  readonly value: string;
}

export interface Prometheus {
  /** Waits until the query has a result (`up`: until it is 1), and gives the first value. */
  value(query: string): Promise<string>;
  exemplars(query: string): Promise<readonly Exemplar[]>;
}

export const hasPrometheus = (t: TestContext): boolean =>
  has(t, 'prometheus', ['--version'], 'apt install prometheus');

/** A real Prometheus that scrapes `127.0.0.1:port/metrics` five times a second; it ends with the test. */
export async function startPrometheus(
  t: TestContext,
  target: { readonly port: number; readonly token?: string },
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const authorization = target.token ? `authorization: { credentials: '${target.token}' }, ` : '';
  await writeFile(
    config,
    `global: { scrape_interval: 200ms, scrape_timeout: 200ms }
scrape_configs: [{ job_name: divan, ${authorization}static_configs: [{ targets: ['127.0.0.1:${target.port}'] }] }]\n`,
  );
  const port = await freePort();
  const child = spawn('prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
    '--log.level=error',
  ]);
  t.after(async () => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  });
  return client(`http://127.0.0.1:${port}/api/v1`);
}

function client(api: string): Prometheus {
  return {
    value: query =>
      eventually(query, async () => {
        const { data } = await get<{ data: { result: { value: [number, string] }[] } }>(
          `${api}/query?query=${encodeURIComponent(query)}`,
        );
        const value = data.result[0]?.value[1];
        return query === 'up' && value === '0' ? undefined : value;
      }),
    exemplars: query =>
      eventually(query, async () => {
        const range = `start=${Date.now() / 1000 - 300}&end=${Date.now() / 1000 + 300}`;
        const { data } = await get<{ data: { exemplars: Exemplar[] }[] }>(
          `${api}/query_exemplars?query=${encodeURIComponent(query)}&${range}`,
        );
        return data[0]?.exemplars;
      }),
  };
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url);
  const body = await response.text();
  if (!response.ok) throw new Error(body);
  return JSON.parse(body);
}

async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(100)) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`no answer to ${what}`, { cause: last });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise(done => child.once('exit', done));
  child.kill('SIGTERM');
  await exit;
}
