import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { onProcess } from '../../base/process-events.ts';
import type { KitCore } from '../../kernel/kit.ts';
import type { Part, Teardown } from '../../kernel/part.ts';
import { PORTS } from '../../kernel/ports.ts';
import { markAlive, takeEnded } from './alive.ts';
import { reportEnded } from './ended.ts';
import { crashGate } from './gate.ts';
import { listenToProcess } from './listen.ts';
import { Reporter } from './reporter.ts';
import { CrashStore } from './store.ts';

const DAY_MS = 86_400_000;

/** Dumps what ends the process, a worker or a request, and what the app caught and hands in. */
export function crash(kit: KitCore): Part {
  return { name: crashGate.name, setup: () => setup(kit) };
}

function setup(kit: KitCore): Teardown {
  const { config } = kit;
  const maxAgeMs = config.get('crash.maxAgeDays') * DAY_MS;
  const folder = join(config.get('runtimeRoot') as string, 'logs', 'crash');
  const reporter = new Reporter(
    kit,
    new CrashStore({
      ...{ folder, maxFiles: config.get('crash.maxFiles'), maxBytes: config.get('crash.maxBytes'), maxAgeMs },
    }),
  );
  kit.core.failures.sink = failed => reporter.request(failed);
  const undo: Teardown[] = [
    () => {
      kit.core.failures.sink = undefined;
    },
    kit.onLine(line => reporter.ring.line(line)),
    kit.onBytes('span', bytes => reporter.ring.spans(bytes)),
    kit.expose(crashGate.name, () => reporter),
    kit.expose(PORTS.crashes, () => reporter),
    listenToProcess(reporter),
    // A worker's end is told to its parent, which needs no marker for it.
    isMainThread && config.get('crash.watchEnds') ? watchEnds(kit, reporter, maxAgeMs) : () => {},
  ];
  reporter.store.prune();
  return async () => {
    for (const stop of undo.reverse()) await stop();
  };
}

/** A folder that can't be written costs the markers, never the start. */
function watchEnds(kit: KitCore, reporter: Reporter, maxAgeMs: number): () => void {
  try {
    const log = kit.read<{ file?: string }>('output')?.file;
    const { folder } = reporter.store;
    const version = kit.config.get('version');
    const unmark = markAlive(folder, { service: kit.config.get('service'), version, log });
    for (const ended of takeEnded(folder, maxAgeMs)) reportEnded(reporter, ended);
    const end = (): void => {
      // Of a crash that could not be written the next start tells.
      if (!reporter.failed) unmark();
    };
    const stop = onProcess('exit', end);
    return () => {
      stop();
      end();
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    kit.log.named('plimsoll.crash').warn({ code }, 'crash_folder_unwritable');
    return () => {};
  }
}
