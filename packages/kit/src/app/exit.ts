import { onProcess } from '../base/process-events.ts';
import type { Part } from '../kernel/part.ts';

const CLOSE_DEADLINE_MS = 5000;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** On our listeners, so that kits in one process, of any copy of this library, know one another's. */
const OURS = Symbol.for('plimsoll.exit');
type SignalListener = ((signal: NodeJS.Signals) => void) & { [OURS]?: true };

/**
 * What is buffered leaves with the process: on a natural end everything is flushed over the network too,
 * on `process.exit` and on a crash what can be written at once. A signal ends the process as without us.
 */
export const exitPart: Part = {
  name: 'exit',
  setup(kit) {
    // A teardown that fails is no reason to end in another way than without us.
    const close = (): Promise<void> => kit.close().catch(() => {});
    const onExit = (): void => kit.log.flush();
    const onIdle = (): void => void close();
    const onCrash = (error: unknown, origin: string): void => {
      kit.log.named('plimsoll').fatal({ err: error, origin }, 'uncaught_exception');
    };
    const onSignal: SignalListener = signal => {
      // An app with a handler of its own decides when to end; then `exit` is enough.
      if (hasOther(signal)) return;
      const again = (): void => {
        clearTimeout(deadline);
        process.removeListener(signal, onSignal);
        // The last of several kits sends it.
        if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
      };
      const deadline = setTimeout(again, CLOSE_DEADLINE_MS);
      void close().then(again);
    };
    onSignal[OURS] = true;
    const undo = [
      onProcess('exit', onExit),
      onProcess('beforeExit', onIdle),
      onProcess('uncaughtExceptionMonitor', onCrash),
      // First, since a listener that was added with `once` is gone when the ones after it run.
      ...SIGNALS.map(signal => onProcess(signal, onSignal, { first: true })),
    ];
    return () => {
      for (const stop of undo) stop();
    };
  },
};

function hasOther(signal: NodeJS.Signals): boolean {
  return process.listeners(signal).some(listener => (listener as SignalListener)[OURS] !== true);
}
