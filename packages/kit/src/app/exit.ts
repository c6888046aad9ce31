import type { Part } from '../kernel/part.ts';

const CLOSE_DEADLINE_MS = 5000;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * What is buffered leaves with the process: on a natural end everything is flushed over the network too,
 * on `process.exit` and on a crash what can be written at once. A signal ends the process as without us.
 */
export const exitPart: Part = {
  name: 'exit',
  setup(kit) {
    const onExit = (): void => kit.log.flush();
    const onIdle = (): void => void kit.close();
    const onCrash = (error: unknown, origin: string): void => {
      kit.log.named('plimsoll').fatal({ err: error, origin }, 'uncaught_exception');
    };
    const onSignal = (signal: NodeJS.Signals): void => {
      // An app with a handler of its own decides when to end; then `exit` is enough.
      if (process.listenerCount(signal) > 1) return;
      const again = (): void => {
        process.removeListener(signal, onSignal);
        process.kill(process.pid, signal);
      };
      const deadline = setTimeout(again, CLOSE_DEADLINE_MS);
      kit.close().finally(() => {
        clearTimeout(deadline);
        again();
      });
    };
    process.on('exit', onExit);
    process.once('beforeExit', onIdle);
    process.on('uncaughtExceptionMonitor', onCrash);
    for (const signal of SIGNALS) process.on(signal, onSignal);
    return () => {
      process.removeListener('exit', onExit);
      process.removeListener('beforeExit', onIdle);
      process.removeListener('uncaughtExceptionMonitor', onCrash);
      for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    };
  },
};
