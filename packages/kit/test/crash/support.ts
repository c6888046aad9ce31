import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { init, type Obs } from 'plimsoll';
import { BARE_ENV } from '../../../../test/support/bare-env.ts';
import type { InitOptions } from '../../src/config/options/table.ts';

export type Dump = Readonly<Record<string, unknown>> & {
  readonly context: Readonly<Record<string, unknown>>;
  readonly frames: readonly Readonly<Record<string, unknown>>[];
  readonly causes: readonly Readonly<Record<string, unknown>>[];
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly spans: readonly Readonly<Record<string, unknown>>[];
  readonly attachments: readonly string[];
};

export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'plimsoll-crash-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export interface Opened {
  readonly obs: Obs;
  readonly root: string;
  /** Every line, as it was written. */
  readonly raw: string[];
}

/** A service with a runtime root, whatever this machine's environment says. */
export async function open(t: TestContext, code: InitOptions = {}): Promise<Opened> {
  const root = code.runtimeRoot ?? folder(t);
  const obs = await init({
    ...{ service: 'crash-test', env: 'production', runtimeRoot: root, trace: { enabled: true } },
    ...code,
    ...{ log: { stdout: false, samplingRateInfo: 1, ...code.log } },
    crash: { announce: 'never', ...code.crash },
  });
  t.after(() => obs.close());
  const raw: string[] = [];
  obs.onLine(line => raw.push(line));
  return { obs, root, raw };
}

export const crashFolder = (root: string): string => join(root, 'logs', 'crash');

/** Names of the dumps, newest first. */
export function dumpNames(root: string): string[] {
  try {
    return readdirSync(crashFolder(root))
      .filter(name => /^crash-.*\.json$/.test(name))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}

export const dumps = (root: string): Dump[] =>
  dumpNames(root).map(name => readDump(join(crashFolder(root), name)));

export const readDump = (path: string): Dump => JSON.parse(readFileSync(path, 'utf8')) as Dump;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CrashRun {
  readonly how: string;
  readonly with: boolean;
  readonly root?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly signal?: NodeJS.Signals;
}

/** Runs the program that crashes, in a process of its own, to its end. */
export async function crashing(run: CrashRun): Promise<Ended> {
  const program = join(import.meta.dirname, 'programs', 'crashing.ts');
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', ...(run.flags ?? []), program], {
    env: {
      ...{ ...BARE_ENV, HOW: run.how, WITH: run.with ? '1' : '0' },
      ...(run.root !== undefined && { PLIMSOLL_RUNTIME_ROOT: run.root }),
      ...run.env,
    },
    ...(run.root !== undefined && { cwd: run.root }),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', chunk => {
    stdout += chunk;
    if (run.signal !== undefined && stdout.includes('ready')) child.kill(run.signal);
  });
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(resolve =>
    child.on('close', (...ended) => resolve(ended)),
  );
  return { code, signal, stdout, stderr };
}
