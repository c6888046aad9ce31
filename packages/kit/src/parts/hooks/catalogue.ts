import { HOOKS, type HookRow } from '@plimsoll/wire';
import { PlimsollError } from '../../base/errors.ts';
import type { HookEntry, HookRegistry } from './gate.ts';

/** One hook with what emitting needs of it, found once. */
export interface Hook {
  readonly row: HookRow;
  readonly topic: string;
  /** Field that the catalogue exposes → a name that says nothing, and back. */
  readonly shadow: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
  readonly column: 'hooks' | 'telemetry';
}

/** Our hooks and the app's: those that are defined while the bus is on are there at once. */
export class Catalogue {
  readonly #known = new Map<string, Hook>();
  readonly #registry: HookRegistry;
  readonly #prefix: string;

  constructor(registry: HookRegistry, topicPrefix: string) {
    this.#registry = registry;
    this.#prefix = topicPrefix;
    for (const row of HOOKS) this.#add(row);
  }

  get(name: string): Hook | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const row = this.#registry.defined.get(name);
    return row && this.#add(row);
  }

  /** The name that a client means by a name or a topic. */
  nameOf(nameOrTopic: string): string | undefined {
    return this.all().find(({ row, topic }) => row.name === nameOrTopic || topic === nameOrTopic)?.row.name;
  }

  names(): readonly string[] {
    return this.all().map(({ row }) => row.name);
  }

  all(): readonly Hook[] {
    for (const name of this.#registry.defined.keys()) this.get(name);
    return [...this.#known.values()];
  }

  entries(): readonly HookEntry[] {
    return this.all().map(({ row, topic }) => ({
      name: row.name,
      description: row.description,
      ws_topic: topic,
      rest_event: row.name,
      payload: Object.fromEntries(Object.entries(row.payload).map(([name, field]) => [name, field.about])),
    }));
  }

  assertKnown(name: string): void {
    if (this.get(name) === undefined) throw new PlimsollError('PLIMSOLL_UNKNOWN_HOOK', String(name));
  }

  assertFree(name: string): void {
    if (this.get(name) !== undefined)
      throw new PlimsollError('PLIMSOLL_BAD_HOOK', `${name} is there already`);
  }

  #add(row: HookRow): Hook {
    const topic = row.topic ?? this.#prefix + row.name;
    const fields = Object.entries(row.payload);
    const exposed = fields.filter(([, field]) => field.expose === true).map(([name]) => name);
    const shadow = new Map(exposed.map((name, at) => [name, neutralName(at)]));
    const hook: Hook = {
      row,
      topic,
      shadow,
      names: new Map([...shadow].map(([name, neutral]) => [neutral, name])),
      // The same policy, in which an id of any kind is hashed as well.
      column: row.ids === 'hash' ? 'telemetry' : 'hooks',
    };
    this.#known.set(row.name, hook);
    return hook;
  }
}

/** Digits after a name are words of their own to the policy, letters are not. */
const neutralName = (at: number): string => `value_${'q'.repeat(at + 1)}`;
