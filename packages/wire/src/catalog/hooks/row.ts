/** What a field of a hook's data holds; `map` is an object of the app's own names. */
export type HookFieldType = 'text' | 'number' | 'boolean' | 'list' | 'map' | 'any';

export interface HookField {
  readonly type: HookFieldType;
  /** One line, without a full stop at its end. */
  readonly about: string;
  /**
   * The name of this field says nothing about its value, which may leave: an app's own object id, relative path or
   * tag. What is personal or secret in the value itself is still found, and a path that is not relative is hashed.
   */
  readonly expose?: true;
}

/** One hook, declared once: the types of `emit`, the routes, the stream, the docs and the console read it. */
export interface HookRow {
  readonly name: string;
  readonly description: string;
  /** Where it is not the prefix and the name. */
  readonly topic?: string;
  /** Ids of every kind leave as keyed hashes: for hooks about machines at work and about people. */
  readonly ids?: 'hash';
  readonly payload: Readonly<Record<string, HookField>>;
}

/** A name that a hook may have: it is part of queries, and a function's name in plugins. */
export const HOOK_NAME = /^[a-z][a-z0-9_]{0,63}$/;
