import { constants } from 'node:os';

/** On listeners of ours, whichever copy of this library they are of; `drain` ends the process, `exit` only flushes. */
const OURS: unique symbol = Symbol.for('plimsoll.signal');
type Kind = 'drain' | 'exit';
type Listener = NodeJS.SignalsListener & { [OURS]?: Kind };
/** What is no answer to our own kill must be pid 1 of a container, which the kernel spares. */
const KILL_MS = 1000;

export function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name) && name !== 'SIGKILL' && name !== 'SIGSTOP';
}

export function mark(listener: Listener, kind: Kind): Listener {
  return Object.defineProperty(listener, OURS, { value: kind, configurable: true });
}

/** Runs `fn`, and marks the signal listeners that it added. */
export function markAdded<T>(kind: Kind, fn: () => T): T {
  const names = process.eventNames().filter(name => typeof name === 'string' && isSignal(name));
  const before = new Set(names.flatMap(name => process.listeners(name as NodeJS.Signals)));
  const result = fn();
  for (const name of process.eventNames()) {
    if (typeof name !== 'string' || !isSignal(name)) continue;
    for (const listener of process.listeners(name)) if (!before.has(listener)) mark(listener, kind);
  }
  return result;
}

/** True where the app decides what this signal does. */
export function isHandledByApp(signal: NodeJS.Signals): boolean {
  const others = (process.listeners(signal) as Listener[]).filter(listener => listener[OURS] === undefined);
  return others.length > signalExits();
}

/**
 * Listeners of the package `signal-exit`, which many tools bring: they end nothing while somebody else listens,
 * and count themselves in public so that others can tell.
 */
function signalExits(): number {
  const current = (globalThis as { [SIGNAL_EXIT]?: { count?: number } })[SIGNAL_EXIT]?.count ?? 0;
  const older = (process as { __signal_exit_emitter__?: { count?: number } }).__signal_exit_emitter__?.count;
  return current + (older ?? 0);
}
const SIGNAL_EXIT: unique symbol = Symbol.for('signal-exit emitter');

/** Ends the process as the signal would have: who started it sees the signal, not a code. */
export function endBy(signal: NodeJS.Signals): void {
  const left = process.listeners(signal) as Listener[];
  // Another kit of this process is not done yet; the last one ends it.
  if (left.some(listener => listener[OURS] === 'drain')) return;
  if (left.some(listener => listener[OURS] === 'exit')) exitBy(signal);
  process.kill(process.pid, signal);
  setTimeout(() => exitBy(signal), KILL_MS);
}

/** At once, with the code that shells give to this signal. */
export function exitBy(signal: NodeJS.Signals): never {
  process.exit(128 + constants.signals[signal]);
}
