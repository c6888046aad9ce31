import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, LOG_LINES_LOST, SEVERITY } from '@plimsoll/wire';
import { onProcess } from '../../base/process-events.ts';
import type { Kit, Part } from '../../kernel/part.ts';
import { BufferedWriter, type Target } from './buffered-writer.ts';
import { RunFile } from './run-file.ts';
import { StreamTarget } from './stream-target.ts';

/** What `kit.read('output')` gives. */
export interface OutputState {
  readonly stdout: boolean;
  /** The file of this run, or undefined where none is written. */
  readonly file: string | undefined;
  /** Lines lost so far, by any cause. */
  readonly lost: number;
}

/** A pipe takes 64 KB at once; a file gains nothing from more. */
const CHUNK = 64 * 1024;
const CLOSE_MS = 1000;

/** Writes every log line to standard output and, with a log folder or a runtime root, to `run-<stamp>/run.log`. */
export const output: Part = { name: 'output', setup };

function setup(kit: Kit) {
  const losses = new Losses(kit);
  const writers: BufferedWriter[] = [];
  const add = (sink: string, target: Target, chunk: number): void => {
    writers.push(
      new BufferedWriter({ target, chunk, lost: (reason, lines) => losses.add(sink, reason, lines) }),
    );
  };
  const stdout = kit.config.get('log.stdout');
  if (stdout) add('stdout', new StreamTarget(1), CHUNK);
  const file = openFile(kit, losses);
  // A chunk well under the size of a file keeps files near that size.
  if (file) add('file', file, Math.min(CHUNK, Math.max(1, kit.config.get('log.fileMaxBytes') >> 2)));
  if (writers.length === 0) return;

  const flushSync = (): void => {
    for (const writer of writers) writer.flushSync();
  };
  // It comes after a normal end, process.exit and an uncaught exception alike, whoever composed this kit.
  const undo = [
    onProcess('exit', flushSync),
    kit.expose('output', (): OutputState => ({ stdout, file: file?.path, lost: losses.total })),
    kit.flushSync(flushSync),
    kit.onLine((line, severity) => {
      for (const writer of writers) writer.write(line);
      if (severity >= SEVERITY.fatal) flushSync();
    }),
  ];
  return async () => {
    for (const stop of undo.reverse()) await stop();
    await Promise.all(writers.map(writer => writer.close(CLOSE_MS)));
  };
}

function openFile(kit: Kit, losses: Losses): RunFile | undefined {
  const root = kit.config.get('runtimeRoot');
  const dir = kit.config.get('log.dir') || (root ? join(root, 'logs') : undefined);
  if (!dir) return undefined;
  try {
    return new RunFile({
      dir,
      started: kit.clock.now(),
      maxBytes: kit.config.get('log.fileMaxBytes'),
      keep: kit.config.get('log.fileKeep'),
    });
  } catch (error) {
    losses.add('file', (error as NodeJS.ErrnoException).code ?? 'error', 0);
    return undefined;
  }
}

/** Counts lost lines, and says so once for each cause: on standard error, since the log itself is what failed. */
class Losses {
  readonly #kit: Kit;
  readonly #counter;
  readonly #told = new Set<string>();
  total = 0;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#counter = kit.metrics.counter(LOG_LINES_LOST.name, LOG_LINES_LOST);
  }

  add(sink: string, reason: string, lines: number): void {
    this.total += lines;
    this.#counter.inc({ sink, reason }, lines);
    const cause = `${sink} ${reason}`;
    if (this.#told.has(cause)) return;
    this.#told.add(cause);
    const code = 'PLIMSOLL_LOG_WRITE';
    const line = {
      ts: new Date(this.#kit.clock.now()).toISOString(),
      level: 'error',
      msg: ERRORS[code].text,
      logger: 'plimsoll.output',
      code,
      sink,
      reason,
      hint: ERRORS[code].hint,
    };
    try {
      writeSync(2, `${JSON.stringify(line)}\n`);
    } catch {
      // Standard error is gone as well: there is nobody left to tell.
    }
  }
}
