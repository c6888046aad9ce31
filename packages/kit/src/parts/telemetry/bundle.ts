import { join } from 'node:path';
import { type AsyncZippable, strToU8, zip } from 'fflate';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { builtin } from '../../base/builtin.ts';
import type { CrashDump } from '../../kernel/ports.ts';
import type { Anonymizer } from './anonymizer.ts';
import { bundleFolder, prune } from './bundles.ts';
import type { Permission } from './consent.ts';
import type { Recorder } from './recorder.ts';
import { statesOf } from './summary.ts';
import { moment } from './time.ts';

export interface BundleInput {
  readonly permission: Permission;
  readonly recorder: Recorder;
  readonly anonymizer: Anonymizer;
  readonly crashes: readonly CrashDump[];
  /** Runtime root; the bundle stays there, in `logs/diagnostics`. */
  readonly root: string;
  readonly prefix: string;
  readonly now: number;
}

export interface Bundle {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const MAX_CRASHES = 10;
/** Older ones go, so that a page that polls does not fill a disk. */
const MAX_KEPT = 10;
/** Names that say nothing of anybody; the names of an app's own errors may. */
const KNOWN_ERRORS =
  /^(?:Aggregate|Eval|Range|Reference|Syntax|Type|URI|Assertion|System|Abort|Timeout|Plimsoll|Ops)?Error$/;

const zipAsync = builtin('node:util').promisify<AsyncZippable, Uint8Array>(zip);

/** Makes the diagnostics zip and keeps it on the disk. The caller has checked that there is consent. */
export async function makeBundle(input: BundleInput): Promise<Bundle> {
  const { permission, recorder, anonymizer, root, prefix, now } = input;
  const usage = recorder.usage();
  const summary = recorder.summary();
  const crashes = permission.crash
    ? input.crashes
        .filter(({ synthetic }) => synthetic !== true)
        .slice(0, MAX_CRASHES)
        .map(dump => crashOf(dump, anonymizer))
    : [];
  const {
    consent,
    features: _features,
    hooks: _hooks,
    crashes: _crashes,
    events: _events,
    meta: _meta,
    ...known
  } = summary;
  const manifest = {
    generated_at: moment(now),
    ...{ ...known, app_version: known.app_version ?? 'unknown', consent },
    health: statesOf(permission, { id: anonymizer.id, storage: true }),
    files: FILES(permission),
  };
  const files = {
    'manifest.json': manifest,
    'telemetry.json': { ...summary, events: usage?.events ?? [] },
    'crashes.json': crashes,
  };
  const bytes = await zipAsync(
    Object.fromEntries(
      Object.entries(files).map(([name, content]) => [
        name,
        [strToU8(`${JSON.stringify(content, null, 2)}\n`), { level: 6, mtime: new Date(now) }],
      ]),
    ),
  );
  const name = `${prefix}-${stamp(now)}-${anonymizer.id.slice(0, 8)}.zip`;
  const folder = bundleFolder(root);
  await writeFileAtomic(join(folder, name), bytes);
  await prune(folder, prefix, MAX_KEPT);
  return { name, bytes };
}

function crashOf(dump: CrashDump, { digest }: Anonymizer): Readonly<Record<string, string>> {
  return {
    event_id: digest(dump.event_id, 'crash.event'),
    timestamp: dump.timestamp,
    exc_type: KNOWN_ERRORS.test(dump.exc_type) ? dump.exc_type : digest(dump.exc_type, 'crash.type'),
    message_digest: digest(dump.message, 'crash.message'),
  };
}

/** Why each file is there, and what is not in it. */
const FILES = ({ crash }: Permission) => [
  {
    name: 'manifest.json',
    why: 'Says who made this bundle, when, and under which consent',
    redacted: 'The installation is named by a keyed hash; host, user and folders are left out',
  },
  {
    name: 'telemetry.json',
    why: 'telemetry_opt_in and diagnostics_opt_in are given: counters of features and hooks, the last events and samples',
    redacted:
      'Ids, paths, addresses and other identifiers are keyed hashes; credentials are hashed or [redacted]; content and positions are left out; texts are cut at 256 characters',
  },
  {
    name: 'crashes.json',
    why: crash
      ? 'crash_opt_in is given: the last ten crash dumps in short'
      : 'Empty: there is no consent to crashes, or enable_crash_uploader is off',
    redacted:
      "Event ids, messages and the names of errors that are not the language's are keyed hashes; no stack, no path",
  },
];

/** `YYYYMMDD_HHMMSS`, UTC. */
function stamp(now: number): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  return `${date.replaceAll('-', '')}_${time.slice(0, 8).replaceAll(':', '')}`;
}
