import { compare, type Difference } from './compare.ts';
import { GoldenError } from './error.ts';
import { type Goldens, pathOf, readGoldens, writeGoldens } from './file.ts';
import { type GoldenRules, type Json, normalise } from './rules.ts';

export interface GoldenOptions extends GoldenRules {
  /** The JSON file that holds this golden and others, by name. A relative path counts from the working directory. */
  readonly file: string | URL;
  /** Write and not compare; default: whether `PLIMSOLL_GOLDEN` is `update`. */
  readonly update?: boolean;
}

/**
 * Compares a value with the golden of its name, in any test runner: after the rules it must be equal, or this throws a
 * GoldenError that lists each place. A golden that is missing is a failure too (PLIMSOLL_GOLDEN_MISSING). Files that
 * run side by side need a golden file each: an update reads the whole file and writes it.
 */
export function golden(name: string, value: unknown, options: GoldenOptions): void {
  const { update = process.env['PLIMSOLL_GOLDEN'] === 'update' } = options;
  const path = pathOf(options.file);
  const actual = normalise(value, options);
  const goldens = readGoldens(path);
  if (update) {
    const kept = goldens?.[name];
    if (kept === undefined || compare(kept, actual).length > 0)
      writeGoldens(path, { ...goldens, [name]: actual });
    return;
  }
  const expected = goldens !== undefined && Object.hasOwn(goldens, name) ? goldens[name] : undefined;
  if (expected === undefined)
    throw new GoldenError('PLIMSOLL_GOLDEN_MISSING', { summary: `${name} in ${path}` });
  const differences = compare(expected, actual);
  if (differences.length > 0)
    throw new GoldenError('PLIMSOLL_GOLDEN_DIFFERS', { summary: `${name} in ${path}`, differences });
}

/** What a flow gave: the answers by name, and the folders that this run made. */
export interface GoldenRun {
  readonly values: Readonly<Record<string, unknown>>;
  readonly paths?: Readonly<Record<string, string>>;
}

/** The default export of the module that `plimsoll golden check|update` runs. */
export interface GoldenFlow {
  readonly file: string | URL;
  readonly rules?: GoldenRules;
  /** Makes the answers afresh, and leaves nothing running behind. */
  run(): Promise<GoldenRun>;
}

export interface NamedDifference extends Difference {
  /** The name of the answer that differs. */
  readonly name: string;
}

export interface GoldenReport {
  readonly file: string;
  /** Names that were compared or written. */
  readonly names: readonly string[];
  /** For an update, what changed by it. */
  readonly differences: readonly NamedDifference[];
  /** False where there was no golden file: then nothing was compared. */
  readonly found: boolean;
}

/** Runs a flow and compares all that it gave; names that only one side has are differences too. */
export async function checkFlow(flow: GoldenFlow): Promise<GoldenReport> {
  const { actual, report } = await runFlow(flow);
  return report(actual);
}

/** Runs a flow and writes all that it gave, in one rename; nothing is written where the flow fails. */
export async function updateFlow(flow: GoldenFlow): Promise<GoldenReport> {
  const { actual, report } = await runFlow(flow);
  const done = report(actual);
  if (!done.found || done.differences.length > 0) writeGoldens(done.file, actual);
  return done;
}

async function runFlow({ file, rules, run }: GoldenFlow) {
  const path = pathOf(file);
  const goldens = readGoldens(path);
  const { values, paths } = await run();
  const all: GoldenRules = { values: rules?.values ?? [], paths: { ...rules?.paths, ...paths } };
  const actual = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, normalise(value, all)]),
  );
  const report = (now: Goldens): GoldenReport => ({
    file: path,
    names: Object.keys(now),
    differences: goldens === undefined ? [] : differencesOf(goldens, now),
    found: goldens !== undefined,
  });
  return { actual, report };
}

function differencesOf(expected: Goldens, actual: Goldens): readonly NamedDifference[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...names].flatMap(name => {
    const [was, is] = [of(expected, name), of(actual, name)];
    if (was === undefined) return [{ name, kind: 'added' as const, path: '$', actual: is! }];
    if (is === undefined) return [{ name, kind: 'removed' as const, path: '$', expected: was }];
    return compare(was, is).map(difference => ({ name, ...difference }));
  });
}

const of = (goldens: Goldens, name: string): Json | undefined =>
  Object.hasOwn(goldens, name) ? goldens[name] : undefined;
