import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

export interface Ended {
  /** The child's, or as a shell counts: 128 and the signal's number, 127 for no such command, 126 for one that can't run. */
  readonly code: number;
  readonly signal?: NodeJS.Signals;
  /** Why it never ran. */
  readonly problem?: string;
}

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** A script for the Node that runs us, with our conditions, so that both resolve packages alike. */
export function nodeCommand(entry: string, args: readonly string[]): CommandLine {
  // Node 22.15 to 22.17 run TypeScript only when asked to.
  const strip = /\.[mc]?ts$/.test(entry) && !process.features.typescript;
  return {
    command: process.execPath,
    args: [
      '--enable-source-maps',
      ...(strip ? ['--experimental-strip-types'] : []),
      ...conditions(process.execArgv),
      entry,
      ...args,
    ],
  };
}

/** `--conditions=x`, `--conditions x` and `-C x`, as one word each. */
function conditions(execArgv: readonly string[]): readonly string[] {
  return execArgv.flatMap((word, index) => {
    if (/^--conditions=|^-C=?./.test(word)) return [word.replace(/^-C=?/, '--conditions=')];
    return /^(?:--conditions|-C)$/.test(word) ? [`--conditions=${execArgv[index + 1]}`] : [];
  });
}

/** SIGHUP too: a closed terminal ends the app as it would without us. */
const PASSED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
/** A terminal sends these to every process that it runs, so the child has them already. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT', 'SIGHUP']);

/**
 * Holds the signals that end a process, for as long as it takes to close what we opened: they go to the child
 * that `run` starts. A signal that comes before there is one keeps it from starting.
 */
export class Supervisor {
  #child: ChildProcess | undefined;
  #early: NodeJS.Signals | undefined;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#child === undefined) {
      this.#early ??= signal;
      return;
    }
    if (!(FROM_TERMINAL.has(signal) && onTerminal())) this.#child.kill(signal);
  };

  constructor() {
    for (const signal of PASSED) process.on(signal, this.#onSignal);
  }

  run({ command, args }: CommandLine, env: NodeJS.ProcessEnv): Promise<Ended> {
    if (this.#early !== undefined) return Promise.resolve(endedBy(this.#early));
    const child = spawn(command, args, { stdio: 'inherit', env });
    this.#child = child;
    return new Promise(resolve => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        // Also emitted for a signal that could not be sent, and then the child still lives.
        if (child.pid !== undefined) return;
        const missing = error.code === 'ENOENT';
        resolve({
          code: missing ? 127 : 126,
          problem: `can't run ${command}: ${missing ? 'no such command' : error.message}`,
        });
      });
      child.once('exit', (code, signal) => resolve(signal ? endedBy(signal) : { code: code ?? 1 }));
    });
  }

  /** Signals are the process's own again. */
  release(): void {
    for (const signal of PASSED) process.off(signal, this.#onSignal);
  }
}

const onTerminal = (): boolean => [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);

const endedBy = (signal: NodeJS.Signals): Ended => ({ code: 128 + constants.signals[signal], signal });
