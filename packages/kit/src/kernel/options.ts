import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import type { Privacy, PrivacyOptions, Root } from '@plimsoll/privacy';
import type { Level } from '@plimsoll/wire';
import { repositoryFolder } from '../config/files.ts';
import type { Config } from '../config/load.ts';
import { tracingOn } from '../config/rules.ts';
import type { TraceCore } from '../signals/trace/tracer.ts';
import type { Kit } from './part.ts';

export function idsOnly(core: TraceCore): Pick<Kit['trace'], 'inject' | 'extract'> {
  return { inject: carrier => core.inject(carrier), extract: carrier => core.extract(carrier) };
}

export function logOptions(config: Config) {
  return {
    service: config.get('service'),
    env: config.get('env'),
    commit: config.get('commit'),
    level: config.get('log.level') as Level | 'silent',
    format: config.get('log.format'),
    samplingRateInfo: config.get('log.samplingRateInfo'),
    samplingMode: config.get('log.samplingMode'),
    busyLinesPerSecond: config.get('log.busyLinesPerSecond'),
    userId: config.get('log.userId'),
  };
}

export function traceOptions(config: Config) {
  return {
    enabled: tracingOn(config),
    ratio: config.get('trace.ratio'),
    slowMs: config.get('trace.slowMs'),
    keepErrors: config.get('trace.keepErrors'),
    keepErrorsUnderUnsampledParent: config.get('trace.keepErrorsUnderUnsampledParent'),
  };
}

export function privacyOptions(config: Config): PrivacyOptions {
  return { key: hashKey(config), userId: config.get('log.userId'), roots: () => placeRoots(config) };
}

/** A label's value, by what it looks like and, where the label's name says what it is, by that. */
export function cleanLabel(privacy: Privacy, label: string, value: string): string {
  const text = privacy.text(value, 'labels');
  const kind = privacy.classify(label);
  if (kind === 'none' || kind === 'size') return text;
  return String((privacy.redact({ [label]: text }, 'labels') as Record<string, unknown>)[label]);
}

/** `privacy.hashKey`, else random for this process: ids then can't be followed across restarts. */
function hashKey(config: Config): Uint8Array {
  const given = config.get('privacy.hashKey');
  return given ? Buffer.from(given, 'base64') : randomBytes(32);
}

/** What a dump writes in place of folders that would tell whose machine this is. */
function placeRoots(config: Config): readonly Root[] {
  const runtime = config.get('runtimeRoot');
  const roots = [{ name: 'repo', path: repositoryFolder(process.argv[1]) }];
  if (runtime) roots.unshift({ name: 'runtime', path: runtime });
  try {
    return [...roots, { name: 'home', path: homedir() }];
  } catch {
    // A user without an entry and without HOME.
    return roots;
  }
}
