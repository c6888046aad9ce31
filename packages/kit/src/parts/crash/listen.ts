import { errorMonitor } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { onProcess } from '../../base/process-events.ts';
import type { Reporter } from './reporter.ts';

/** On our listeners, so that kits in one process, of any copy of this library, write one dump into one folder. */
const OURS = Symbol.for('plimsoll.crash');
type Marked = ((...args: never[]) => void) & { [OURS]?: string };

/**
 * Listens where the process tells of crashes and leaves what happens then as it is: both are heard beside what Node and
 * the app do about them. A rejection that the app handles itself is none.
 */
export function listenToProcess(reporter: Reporter): () => void {
  const { folder } = reporter.store;
  const onCrash: Marked = (error: unknown, origin: 'uncaughtException' | 'unhandledRejection') => {
    if (isFirst('uncaughtExceptionMonitor', onCrash, folder)) reporter.fatal(error, origin);
  };
  const onWorker: Marked = (worker: Worker) => {
    if (!isFirst('worker', onWorker, folder)) return;
    // It has none any more once it has ended.
    const { threadId } = worker;
    worker.on(errorMonitor, error => reporter.worker(error, threadId));
  };
  onCrash[OURS] = folder;
  onWorker[OURS] = folder;
  const undo = [onProcess('uncaughtExceptionMonitor', onCrash), onProcess('worker', onWorker)];
  return () => {
    for (const stop of undo) stop();
  };
}

function isFirst(event: string, own: Marked, folder: string): boolean {
  const events: NodeJS.EventEmitter = process;
  return events.listeners(event).find(listener => (listener as Marked)[OURS] === folder) === own;
}
