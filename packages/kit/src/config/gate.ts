import type { Flags } from './flags.ts';
import type { Config } from './load.ts';

/** What is always loaded of an optional part. `T` is what `obs.NAME` can do. */
export interface Gate<T extends object> {
  readonly name: string;
  /** Asked at start, and again after every change of a flag. */
  on(config: Config, flags: Flags): boolean;
  /** Ops paths that are answered while the part is on; exact, with `:name` for a segment. */
  paths(config: Config): readonly string[];
  /** Their routes are there while the part is off too, and say so; else the app may have such paths of its own. */
  readonly always?: true;
  /** What `obs.NAME` does while the part is off: recorders nothing, `run(fn)` calls `fn`, stores refuse. */
  readonly off: T;
}

/** Where the calls of `obs.NAME` go: `off`, or what the part exposes under its name while it is on. */
export interface Slot<T> {
  impl: T;
}
