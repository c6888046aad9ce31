import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { BARE_ENV } from '../../../../../test/support/bare-env.ts';

export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The process may write no file: what tries to fails. */
  readonly readOnly?: boolean;
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly logger: string;
  readonly trace_id?: string;
  readonly [key: string]: unknown;
}

/** Runs one of `programs/` with nothing in its environment but `env`; gives its last line on stderr, and its log. */
export async function runProgram<T>(file: string, options: RunOptions): Promise<T & { log: LogLine[] }> {
  const flags = ['--conditions=plimsoll-source', '--no-warnings'];
  if (options.readOnly) flags.push('--permission', '--allow-fs-read=*');
  const path = join(import.meta.dirname, 'programs', file);
  const env = { ...BARE_ENV, ...options.env };
  const child = spawn(process.execPath, [...flags, path], { env, cwd: options.cwd ?? import.meta.dirname });
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on('data', chunk => chunks.stdout.push(chunk));
  child.stderr.on('data', chunk => chunks.stderr.push(chunk));
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  const stdout = Buffer.concat(chunks.stdout).toString('utf8');
  const stderr = Buffer.concat(chunks.stderr).toString('utf8');
  assert.equal(code, 0, stderr);
  const log = stdout.split('\n').filter(Boolean);
  const printed = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as T;
  return { ...printed, log: log.map(line => JSON.parse(line) as LogLine) };
}
