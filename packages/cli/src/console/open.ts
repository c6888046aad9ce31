import type * as Server from '@plimsoll/console';
import { announce } from './running.ts';
import type { ConsoleSettings } from './settings.ts';
import { readTargets, type Targets, TargetsError } from './targets.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Running = Awaited<ReturnType<typeof Server.startConsole>>;

export interface OpenConsole {
  readonly url: string;
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
  /** For `OBS_OPS_ANNOUNCE` of an app that runs beside it. */
  readonly announceUrl: string;
  /** What a person should know, a line each: a port or a folder that was taken. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** Consoles that may run in one project at a time. */
const FOLDERS = 9;

/** Starts the console in this process; gives the reason, in words, where it can't. */
export async function openConsole(
  settings: ConsoleSettings,
  env: Env,
): Promise<OpenConsole | { readonly problem: string }> {
  try {
    const { startConsole } = await import('@plimsoll/console');
    const { console: running, dir } = await startIn(startConsole, settings, readTargets(env));
    const takeBack = announce(running.url, env);
    return {
      url: running.url,
      otlpHttp: running.otlpHttp,
      otlpGrpc: running.otlpGrpc,
      announceUrl: running.announceUrl,
      notes: notes(settings, dir),
      async close() {
        takeBack();
        await running.close();
      },
    };
  } catch (error) {
    return { problem: reason(error) };
  }
}

/** A second console of one project keeps its rows in a folder of its own, since a store has one writer. */
async function startIn(
  start: typeof Server.startConsole,
  { token, otlpHost, ...settings }: ConsoleSettings,
  targets: Targets | undefined,
): Promise<{ readonly console: Running; readonly dir: string }> {
  for (let attempt = 1; ; attempt += 1) {
    const dir = attempt === 1 ? settings.dir : `${settings.dir}-${attempt}`;
    try {
      const options = {
        ...settings,
        dir,
        ...(token && { token }),
        ...(otlpHost && { otlpHost }),
        ...(targets && { targets }),
      };
      return { console: await start(options), dir };
    } catch (error) {
      if (codeOf(error) !== 'PLIMSOLL_STORE_LOCKED' || attempt === FOLDERS) throw error;
    }
  }
}

/** A port that was taken is told by the console itself. */
function notes(wanted: ConsoleSettings, dir: string): readonly string[] {
  return dir === wanted.dir ? [] : [`Another console writes ${wanted.dir}, so this one writes ${dir}.`];
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

function reason(error: unknown): string {
  if (error instanceof TargetsError) return error.message;
  const code = codeOf(error);
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return 'The console is not installed. Install it with:\n\n  npm install --save-dev @plimsoll/console\n';
  }
  // A code stands for something that was expected; the rest is a bug, and its stack says where.
  if (typeof code === 'string' && error instanceof Error) return `The console can't start: ${error.message}`;
  throw error;
}
