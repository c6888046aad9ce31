import type { Level } from '@plimsoll/wire';

/** A level's method: pino's shape, so that frameworks can be handed this logger. Never throws. */
export interface LogFn {
  (fields: object, message?: string, ...args: unknown[]): void;
  (message: string, ...args: unknown[]): void;
}

/**
 * A JSON logger. Core fields (`ts`, `level`, `msg`, `service`, `env`, `commit`, `logger`, the ids, `route`)
 * can't be overwritten by fields; everything else goes through the redactor.
 */
export interface Log {
  /** Changes this logger, and the children that did not set their own. */
  level: Level | 'silent';
  readonly name: string;
  trace: LogFn;
  debug: LogFn;
  info: LogFn;
  warn: LogFn;
  error: LogFn;
  fatal: LogFn;
  silent: LogFn;
  isLevelEnabled(level: Level): boolean;
  /** A logger of another name, for one component. */
  named(name: string, fields?: Record<string, unknown>): Log;
  /** pino's word for `bind`, with a level of its own if asked. */
  child(fields: Record<string, unknown>, options?: { level?: string }): Log;
  /** A new logger whose lines carry these fields too; this one is untouched. */
  bind(fields: Record<string, unknown>): Log;
  /** A new logger without these fields. */
  unbind(...keys: string[]): Log;
  bindings(): Record<string, unknown>;
  /** Writes what is buffered. */
  flush(done?: (error?: Error) => void): void;
}
