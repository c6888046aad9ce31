import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plimsollFolder } from './settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT = 'http://127.0.0.1:4600';

/**
 * Which console to ask: the one that was named, else the variables', else the one that runs in this project,
 * which may have had to take another port, else where a console listens by default.
 */
export function consoleUrl(given: string | undefined, env: Env): string {
  if (given !== undefined) return given;
  if (env['PLIMSOLL_CONSOLE_URL']) return env['PLIMSOLL_CONSOLE_URL'];
  const port = env['PLIMSOLL_CONSOLE_PORT'];
  if (port && port !== '0') return `http://127.0.0.1:${port}`;
  return announced(env) ?? DEFAULT;
}

/**
 * Says to the CLI in this project where its console is; the call that comes back takes it back.
 * Where the folder can't be written, the console is found by its URL alone.
 */
export function announce(url: string, env: Env): () => void {
  const path = fileOf(env);
  try {
    mkdirSync(plimsollFolder(env), { recursive: true });
    writeFileSync(path, `${JSON.stringify({ url, pid: process.pid })}\n`, { mode: 0o600 });
  } catch {
    return () => {};
  }
  return () => {
    if (read(path)?.pid === process.pid) rmSync(path, { force: true });
  };
}

function announced(env: Env): string | undefined {
  const found = read(fileOf(env));
  return found && isAlive(found.pid) ? found.url : undefined;
}

const fileOf = (env: Env): string => join(plimsollFolder(env), 'console.json');

function read(path: string): { readonly url: string; readonly pid: number } | undefined {
  try {
    const { url, pid } = JSON.parse(readFileSync(path, 'utf8')) as { url?: unknown; pid?: unknown };
    return typeof url === 'string' && Number.isSafeInteger(pid) ? { url, pid: pid as number } : undefined;
  } catch {
    return undefined;
  }
}

/** A console that was killed leaves its file behind. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
