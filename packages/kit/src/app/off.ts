import type { InitOptions } from '../config/load.ts';
import type { Config, Flags } from '../kernel/part.ts';
import type { Context } from '../signals/context/context.ts';
import type { Health } from '../signals/health/types.ts';
import { noopLog } from '../signals/log/noop.ts';
import { noopMetrics } from '../signals/metrics/noop.ts';
import { noopTracer } from '../signals/trace/noop.ts';
import { OFF_MEMBERS } from './gated.ts';
import type { Obs } from './obs.ts';

const nothing = (): void => {};
const remove = (): (() => void) => nothing;
const none = (): undefined => undefined;

const health: Health = {
  check: remove,
  finding: nothing,
  findings: () => [],
  draining: false,
  ready: () => ({ ok: true, checks: {} }),
  report: () => ({}),
  start: async () => {},
  stop: nothing,
};

/** Everything there, nothing happening: recorders are empty functions, `run(fn)` just calls `fn`. */
export function createOff(code: InitOptions | undefined): Obs {
  const given = (code ?? {}) as Readonly<Record<string, unknown>>;
  const off = {
    ...OFF_MEMBERS,
    enabled: false,
    ...{ config: offConfig(given), flags: offFlags, clock: offClock, privacy: offPrivacy },
    ...{ log: noopLog, metrics: noopMetrics, trace: noopTracer, health: { ...health }, context: offContext },
    ...{
      emit: nothing,
      on: remove,
      onBytes: remove,
      onLine: remove,
      routes: remove,
      upgrade: remove,
      expose: remove,
    },
    ...{ read: none, flushSync: remove, use: async () => nothing, close: async () => {} },
    ops: {
      owns: () => false,
      handle: async () => undefined,
      upgrades: () => false,
      upgrade: async () => {},
      job: (_name: string, fn: unknown) => fn,
    },
    job: (_name: string, fn: unknown) => fn,
    handler: (fn: unknown) => fn,
    fetch: (fn: unknown) => fn,
    route: nothing,
    attach: async () => {},
    otel: { register: async () => false },
    inject: nothing,
    extract: noopTracer.extract,
  };
  return off as unknown as Obs;
}

const offClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  epoch: (monotonic: number) => performance.timeOrigin + monotonic,
};

const offContext = {
  current: none,
  run: (_context: Context, fn: (...args: unknown[]) => unknown, ...args: unknown[]) => fn(...args),
  enter: nothing,
  exit: (fn: () => unknown) => fn(),
  user: nothing,
  bind: nothing,
};

const offFiles = {
  ...{ target: '', block: () => [], corrupt: () => [], refresh: nothing, watch: remove },
  version: () => 0,
  write: async () => {
    // Without the table of errors, which would be half of what is loaded here.
    throw Object.assign(new Error('PLIMSOLL_OFF: OBS_ENABLED is false'), { code: 'PLIMSOLL_OFF' });
  },
};

const offFlags = {
  ...{ describe: () => [], rejected: () => [], corrupt: () => [], files: offFiles, set: offFiles.write },
  subsystem: () => ({ enabled: false, umbrella: false, legacy: false }),
  load: () => ({}),
  isEnabled: (_name: string, otherwise = false) => otherwise,
  refresh: () => ({}),
  watch: remove,
} as unknown as Flags;

/** Nothing leaves a service that is off, so there is nothing to redact; a hash would need a key. */
const offPrivacy = {
  text: () => '[off]',
  redact: () => '[off]',
  fields: () => '',
  attributes: () => ({}),
  hash: () => '',
  classify: none,
  url: () => '[off]',
  sql: () => '[off]',
  quote: (text: string) => JSON.stringify(text),
};

/** Only what code said: the table is not loaded. */
function offConfig(code: Readonly<Record<string, unknown>>): Config {
  const get = (key: string): unknown => {
    let value: unknown = { ...code, enabled: false };
    for (const word of key.split('.')) value = (value as Record<string, unknown> | undefined)?.[word];
    return value;
  };
  const lists = { files: [], features: {}, rejected: [], findings: [], warnings: [], entries: () => [] };
  return {
    get,
    value: get,
    source: () => ({ kind: 'code' }),
    development: false,
    base: '',
    ...lists,
  } as unknown as Config;
}
