import type { Log, LogFn } from './types.ts';

const nothing = (): void => {};

/** The form of a log that is off: every method is the same empty function. */
export const noopLog: Log = {
  level: 'silent',
  name: 'app',
  trace: nothing as LogFn,
  debug: nothing as LogFn,
  info: nothing as LogFn,
  warn: nothing as LogFn,
  error: nothing as LogFn,
  fatal: nothing as LogFn,
  silent: nothing as LogFn,
  isLevelEnabled: () => false,
  named: () => noopLog,
  child: () => noopLog,
  bind: () => noopLog,
  unbind: () => noopLog,
  bindings: () => ({}),
  flush: done => done?.(),
};
