/** Who listens to which of a fixed list of events, in the order of their coming. */
export class Callbacks<E extends string, A> {
  readonly events: readonly E[];
  readonly #listeners: ReadonlyMap<E, Set<(value: A) => void>>;

  constructor(events: readonly E[]) {
    this.events = events;
    this.#listeners = new Map(events.map(event => [event, new Set()]));
  }

  has(event: string): event is E {
    return this.#listeners.has(event as E);
  }

  /** The same callback twice is one. */
  add(event: E, callback: (value: A) => void): void {
    this.#listeners.get(event)?.add(callback);
  }

  remove(event: E, callback: (value: A) => void): void {
    this.#listeners.get(event)?.delete(callback);
  }

  entries(event?: E): readonly { readonly event: E; readonly callback: (value: A) => void }[] {
    const wanted = event === undefined ? this.events : [event];
    return wanted.flatMap(name =>
      [...(this.#listeners.get(name) ?? [])].map(callback => ({ event: name, callback })),
    );
  }

  /** Each gets a copy of its own; one that throws is told to `onError` and stops nobody. */
  run(event: E, copy: () => A, onError: (error: unknown) => void): void {
    for (const callback of [...(this.#listeners.get(event) ?? [])]) {
      try {
        callback(copy());
      } catch (error) {
        onError(error);
      }
    }
  }
}
