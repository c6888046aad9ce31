import { parseBoolean } from '../../config/boolean.ts';
import type { FileEdit } from '../../config/write-file.ts';
import type { Config, Flags } from '../../kernel/part.ts';
import type { TelemetryConsent } from './gate.ts';

/** The slice of a kit that says what is allowed. */
export interface Allowing {
  readonly config: Config;
  readonly flags: Flags;
}

/** What may be done now: the stored consent, what lowers it, and the flags. */
export interface Permission {
  /** As the files say it. */
  readonly stored: TelemetryConsent;
  /** What counts: never more than is stored. */
  readonly consent: TelemetryConsent;
  readonly loweredBy: 'do_not_track' | 'ci' | 'forbidden' | null;
  readonly updatedAt: string | null;
  readonly flag: boolean;
  readonly telemetry: boolean;
  readonly crash: boolean;
  readonly diagnostics: boolean;
  /** Whether a batch may leave, now. */
  readonly send: boolean;
}

export const BLOCK = 'telemetry';
const NOTHING: TelemetryConsent = {
  ...{ telemetry_opt_in: false, crash_opt_in: false, diagnostics_opt_in: false, dry_run: true },
};
const KEYS = Object.keys(NOTHING) as (keyof TelemetryConsent)[];

/** Reads the consent blocks of all config files, the last wins; any of them may forbid. */
export function permissionOf({ config, flags }: Allowing): Permission {
  const blocks = flags.files.block(BLOCK);
  const merged: Readonly<Record<string, unknown>> = Object.assign({}, ...blocks.map(({ value }) => value));
  const stored = Object.fromEntries(
    KEYS.map(key => [key, truth(merged[key], NOTHING[key])]),
  ) as unknown as TelemetryConsent;
  const forbidden = blocks.some(({ value }) => truth(value['forbid'], value['forbid'] !== undefined));
  const loweredBy = forbidden ? 'forbidden' : loweredByEnvironment(config);
  const consent = loweredBy === null ? stored : NOTHING;
  const flag = flags.subsystem('observability').enabled;
  const telemetry = flag && consent.telemetry_opt_in;
  const updated = merged['settings_updated_at'];
  return {
    ...{ stored, consent, loweredBy, flag, telemetry },
    updatedAt: typeof updated === 'string' && !Number.isNaN(Date.parse(updated)) ? updated : null,
    crash: telemetry && consent.crash_opt_in && flags.isEnabled('enable_crash_uploader'),
    diagnostics: telemetry && consent.diagnostics_opt_in,
    send: telemetry && !consent.dry_run,
  };
}

/** Read once per change of the files. */
export function permissions(kit: Allowing): () => Permission {
  let version = -1;
  let permission: Permission;
  return () => {
    const now = kit.flags.files.version();
    if (now !== version) {
      version = now;
      permission = permissionOf(kit);
    }
    return permission;
  };
}

/** What a change of consent writes: the given keys, and the others where no file has them yet. */
export function consentEdits(
  kit: Allowing,
  change: Readonly<{ [K in keyof TelemetryConsent]?: boolean | null | undefined }>,
  now: string,
): readonly FileEdit[] {
  const blocks = kit.flags.files.block(BLOCK);
  const edits = KEYS.flatMap((key): FileEdit[] => {
    const value = change[key];
    if (typeof value === 'boolean') return [{ path: [BLOCK, key], value }];
    const known = blocks.some(block => block.value[key] !== undefined);
    return known ? [] : [{ path: [BLOCK, key], value: NOTHING[key], unlessSet: true }];
  });
  return [...edits, { path: [BLOCK, 'settings_updated_at'], value: now }];
}

/** Whoever sets them can only take away. DO_NOT_TRACK is the user's own word, which no code takes back. */
function loweredByEnvironment(config: Config): 'do_not_track' | 'ci' | null {
  if (isSet(config.get('telemetry.doNotTrack')) || isSet(process.env['DO_NOT_TRACK'])) return 'do_not_track';
  return isSet(config.get('telemetry.ci')) ? 'ci' : null;
}

function isSet(word: string | undefined): boolean {
  return word !== undefined && word.trim() !== '' && parseBoolean(word) !== false;
}

/** By truthiness, but that a text must say yes or no: `"false"` is no consent. */
function truth(value: unknown, otherwise: boolean): boolean {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'string') return parseBoolean(value) ?? otherwise;
  return Boolean(value);
}
