import type { Attributes, AttributeValue } from '../signals.ts';
import type { RenderedKey } from './keys.ts';
import type { ByteWriter } from './writer.ts';

/** Attributes that came with the same values in the same order, and their bytes in the field of `tag`. */
export interface Run {
  readonly tag: number;
  readonly keys: readonly string[];
  readonly values: readonly AttributeValue[];
  /** Where each of them ends in `bytes`. */
  readonly ends: readonly number[];
  readonly bytes: Uint8Array;
}

/** Fewer are copied one by one as fast. */
const SHORTEST = 2;
const LONGEST = 16;
/** How often it is tried for one key: values that all differ must not pay for it. */
export const TRIES = 8;

/** What one call wrote, kept until the next that begins with the same key. */
export interface Trial extends Omit<Run, 'bytes'> {
  readonly start: number;
}

/** A value that equals another only where it has the same bytes: 0 and -0 do not. */
function isSteady(value: AttributeValue): boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && value !== 0)
  );
}

/** Writes each attribute by itself, and makes a run of what is as it was the last time. */
export function learn(
  w: ByteWriter,
  first: RenderedKey,
  {
    tag,
    attributes,
    write,
  }: { tag: number; attributes: Attributes; write(key: string, value: AttributeValue): void },
): void {
  first.tries -= 1;
  const trial = {
    tag,
    start: w.length,
    keys: [] as string[],
    values: [] as AttributeValue[],
    ends: [] as number[],
  };
  let steady = true;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    write(key, value);
    steady &&= trial.keys.length < LONGEST && isSteady(value);
    if (!steady) continue;
    trial.keys.push(key);
    trial.values.push(value);
    trial.ends.push(w.length - trial.start);
  }
  const { before } = first;
  if (before?.tag === tag)
    first.run = cut({ ...trial, bytes: w.bytes.subarray(trial.start) }, alike(before, trial));
  first.before = first.run === undefined && first.tries > 0 ? trial : undefined;
}

function alike(a: Trial, b: Trial): number {
  let count = 0;
  while (count < b.keys.length && a.keys[count] === b.keys[count] && a.values[count] === b.values[count])
    count++;
  return count;
}

/** The first `count` of them, with bytes of its own; undefined where a run is not worth it. */
function cut({ tag, keys, values, ends, bytes }: Run, count: number): Run | undefined {
  if (count < SHORTEST) return undefined;
  return {
    ...{ tag, keys: keys.slice(0, count), values: values.slice(0, count), ends: ends.slice(0, count) },
    bytes: bytes.slice(0, ends[count - 1]!),
  };
}

/** Writes what was alike before one differed; the run is that much from now on. */
export function shorten(w: ByteWriter, first: RenderedKey, count: number): void {
  const run = first.run as Run;
  if (count > 0) w.append(run.bytes.subarray(0, run.ends[count - 1]!));
  first.run = cut(run, count);
}
