import type { Signal, SignalKind } from '@plimsoll/wire';
import type { Teardown } from './part.ts';

type Sink<K extends SignalKind> = (record: Extract<Signal, { kind: K }>) => void;

/** Who listens for records. A sink that throws is counted and never felt by the emitter or the other sinks. */
export class Listeners {
  readonly #sinks = new Map<SignalKind, readonly ((record: never) => void)[]>();
  readonly #onChange: (kind: SignalKind, sink: ((record: Signal) => void) | undefined) => void;
  /** Throws of sinks, since the start. */
  failures = 0;

  /** `onChange` gets one function for all sinks of a kind, or undefined when nobody is left. */
  constructor(onChange: (kind: SignalKind, sink: ((record: Signal) => void) | undefined) => void) {
    this.#onChange = onChange;
  }

  add<K extends SignalKind>(kind: K, sink: Sink<K>): Teardown {
    this.#set(kind, [...(this.#sinks.get(kind) ?? []), sink]);
    return () => {
      const rest = (this.#sinks.get(kind) ?? []).filter(other => other !== sink);
      this.#set(kind, rest);
    };
  }

  emit(signal: Signal): void {
    for (const sink of this.#sinks.get(signal.kind) ?? []) {
      try {
        sink(signal as never);
      } catch {
        this.failures += 1;
      }
    }
  }

  #set(kind: SignalKind, sinks: readonly ((record: never) => void)[]): void {
    this.#sinks.set(kind, sinks);
    this.#onChange(kind, sinks.length > 0 ? record => this.emit(record) : undefined);
  }
}
