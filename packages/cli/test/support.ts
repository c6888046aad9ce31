import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { BARE_ENV } from '../../../test/support/bare-env.ts';

export const BIN = join(import.meta.dirname, '../../kit/bin/plimsoll.js');
export const app = (name: string): string => join(import.meta.dirname, 'apps', `${name}.ts`);

/** Any free port for each, so that suites run side by side. */
const PORTS = {
  PLIMSOLL_CONSOLE_PORT: '0',
  PLIMSOLL_OTLP_HTTP_PORT: '0',
  PLIMSOLL_OTLP_GRPC_PORT: '0',
};

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out(): string;
  err(): string;
  /** Waits until one of the two outputs matches. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** The real command in a process and a folder of its own, with these variables and no others. */
export function start(t: TestContext, words: readonly string[], { env = {}, cwd }: StartOptions): Started {
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', BIN, ...words], {
    env: { ...BARE_ENV, ...PORTS, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  let woken = () => {};
  child.stdout.on('data', chunk => {
    out += chunk;
    woken();
  });
  child.stderr.on('data', chunk => {
    err += chunk;
    woken();
  });
  let over = false;
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    over = true;
    woken();
    return { code, signal, out, err };
  });
  // Not SIGKILL, which would leave the app of `plimsoll dev` behind.
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(err) ?? pattern.exec(out);
      if (match) return match;
      if (over) throw new Error(`it ended without ${pattern}:\n${out}\n${err}`);
      await new Promise<void>(resolve => {
        woken = resolve;
      });
    }
  };
  return { child, ended, out: () => out, err: () => err, said };
}

/** A folder with a package.json, as a project has. */
export function project(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-cli-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  return root;
}

export interface RunningConsole extends Started {
  readonly url: string;
  readonly otlp: string;
  readonly cwd: string;
}

export async function startConsole(
  t: TestContext,
  { env = {}, cwd = project(t), words = [] }: Partial<StartOptions> & { words?: readonly string[] } = {},
): Promise<RunningConsole> {
  const started = start(t, ['console', ...words], { env, cwd });
  const [, url] = await started.said(/The console is at (\S+)/);
  const [, otlp] = await started.said(/It takes OTLP at (\S+)/);
  return { ...started, url: url!, otlp: otlp!, cwd };
}
