import type { ConfigWarning } from './finding.ts';
import { shown } from './finding.ts';
import { isObject } from './parse.ts';

/** A feature flag that a file sets to something other than a JSON boolean. It is ignored. */
export interface RejectedFlag {
  readonly flag: string;
  /** The file, as configured. */
  readonly file: string;
}

export interface Features {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly flags: ReadonlyMap<string, boolean>;
  /** The file that each flag's value comes from, as configured. */
  readonly sources: ReadonlyMap<string, string>;
  readonly rejected: readonly RejectedFlag[];
  readonly warnings: readonly ConfigWarning[];
}

/** Merges the `features` of several files, the last wins flag by flag; what is no boolean wins nothing. */
export function mergeFeatures(
  files: readonly { readonly label: string; readonly content: Record<string, unknown> | '' | undefined }[],
): Features {
  const raw = new Map<string, unknown>();
  const flags = new Map<string, boolean>();
  const sources = new Map<string, string>();
  const rejected: RejectedFlag[] = [];
  const warnings: ConfigWarning[] = [];
  const reject = (field: string, file: string) => {
    const message = `Ignored: not true or false (${file})`;
    warnings.push({ field, code: 'flag_not_boolean', message });
  };
  for (const { label, content } of files) {
    const features = content ? content['features'] : undefined;
    if (features === undefined) continue;
    if (!isObject(features)) {
      reject('features', label);
      continue;
    }
    for (const [flag, value] of Object.entries(features)) {
      raw.set(flag, value);
      if (typeof value === 'boolean') {
        flags.set(flag, value);
        sources.set(flag, label);
      } else {
        rejected.push({ flag, file: label });
        reject(`features.${shown(flag)}`, label);
      }
    }
  }
  return { raw: Object.fromEntries(raw), flags, sources, rejected, warnings };
}
