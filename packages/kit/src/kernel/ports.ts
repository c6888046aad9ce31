import type { CrashSummary } from '@plimsoll/wire';
import type { Kit } from './part.ts';

/**
 * What two parts share. One exposes it under its port's name, the others read it when they need it; it is absent
 * while the part that gives it is off.
 */
export const PORTS = {
  ...{ events: 'port.events', counters: 'port.counters', crashes: 'port.crashes' },
  profile: 'port.profile',
} as const;

/** The hook bus. */
export interface EventBus {
  /**
   * Raises a hook of the catalogue. The data are copied and redacted by the bus; listeners in this process get the
   * original. False for a name that the catalogue does not have.
   */
  emit(event: string, data: Readonly<Record<string, unknown>>): boolean;
}

/** Consented usage. Each call says whether it recorded: false without flag or consent. */
export interface CounterStore {
  /** Counts a hook and keeps a sample of its data, redacted by the store. */
  hook(event: string, data: Readonly<Record<string, unknown>>): boolean;
  /** Registers a crash dump by its digest. */
  crash(dump: { readonly path: string; readonly fingerprint: string }): boolean;
}

/** The crash reporter's dumps, newest first. */
export interface CrashLog {
  list(limit: number): readonly CrashDump[];
}

export type CrashDump = CrashSummary;

/** What the profiler says of itself where budgets and profiler are shown together. */
export interface ProfileHealth {
  health(limit: number): object;
}

export const eventBus = (kit: Kit): EventBus | undefined => kit.read<EventBus>(PORTS.events);
export const counterStore = (kit: Kit): CounterStore | undefined => kit.read<CounterStore>(PORTS.counters);
export const crashLog = (kit: Kit): CrashLog | undefined => kit.read<CrashLog>(PORTS.crashes);
export const profileHealth = (kit: Kit): ProfileHealth | undefined => kit.read<ProfileHealth>(PORTS.profile);
