import { existsSync, readFileSync } from 'node:fs';
import type { DoctorFinding } from '@plimsoll/wire';
import { FLAG_DEFAULTS } from 'plimsoll/kit';
import { finding } from '../doctor/probe.ts';
import { findBase } from './base.ts';
import { type FileItem, type FlagItem, findProfile, isObject } from './profile.ts';
import { Refusal } from './refusal.ts';
import { checkRoute, type RouteRow } from './route.ts';

export interface CheckInput {
  readonly profile: string;
  readonly conf: string | undefined;
  readonly flagsFile: string;
  readonly base: string | undefined;
  readonly baseEnv: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface FlagRow extends FlagItem {
  /** As it stands in the file; null where it does not. */
  readonly got: unknown;
  readonly ok: boolean;
}

interface FileRow extends FileItem {
  readonly exists: boolean;
  readonly ok: boolean;
}

export interface CheckReport {
  /** Epoch seconds. */
  readonly ts: number;
  readonly profile: string;
  readonly base: string | null;
  readonly tried: readonly string[];
  readonly warnings: readonly string[];
  readonly pass: boolean;
  readonly flags: readonly FlagRow[];
  readonly routes: readonly RouteRow[];
  readonly files: readonly FileRow[];
  readonly notes: readonly string[];
  readonly findings: readonly DoctorFinding[];
}

/** Compares a running service, its flags file and its documents with a profile. Never rejects for a wrong call: that is a finding, too. */
export async function check(input: CheckInput): Promise<CheckReport> {
  try {
    return await compare(input);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, subject, message } = error;
    return {
      ...{ ts: Date.now() / 1000, profile: input.profile, base: null, tried: [], warnings: [], pass: false },
      ...{ flags: [], routes: [], files: [], notes: [`${subject}: ${message}`] },
      findings: [finding(code, subject, message)],
    };
  }
}

async function compare(input: CheckInput): Promise<CheckReport> {
  const { flags, routes, files } = findProfile(input.profile, input.conf);
  const findings: DoctorFinding[] = [];
  const config = readObject(input.flagsFile);
  if (config === undefined && flags.length > 0) findings.push(finding('flags_file_missing', input.flagsFile));
  const { base, tried, missed } = await findBase({
    ...{ base: input.base, variable: input.baseEnv, env: input.env, config: config ?? {} },
  });
  for (const { url, why } of missed) findings.push(finding('base_missed', url, why));
  const head = {
    ...{ ts: Date.now() / 1000, profile: input.profile, tried },
    warnings: missed.map(({ url, why }) => `${url} does not answer: ${why}`),
  };
  if (base === undefined) {
    findings.push(finding('no_base', tried.join(', ')));
    const note = `No base answers: ${tried.join(', ')}. Start the service, or name it with --base.`;
    return { ...head, base: null, pass: false, flags: [], routes: [], files: [], notes: [note], findings };
  }
  const rows = {
    flags: flags.map(item => checkFlag(item, config ?? {}, findings)),
    routes: await Promise.all(routes.map(item => checkRoute(base, item, findings))),
    files: files.map(item => checkFile(item, findings)),
  };
  const all = [...rows.flags, ...rows.routes, ...rows.files];
  const pass = all.every(({ ok, required }) => ok || !required);
  const optional = all.filter(({ ok, required }) => !ok && !required).length;
  const notes = optional > 0 ? [`${optional} that are not required are not there`] : [];
  return { ...head, base: base.href.replace(/\/$/, ''), pass, ...rows, notes, findings };
}

/** The raw value of the file counts. One that is not there has the default of Plimsoll, where Plimsoll knows it. */
function checkFlag(
  item: FlagItem,
  config: Readonly<Record<string, unknown>>,
  findings: DoctorFinding[],
): FlagRow {
  const features = isObject(config['features']) ? config['features'] : {};
  const { key, expect } = item;
  const there = Object.hasOwn(features, key);
  const byDefault = (FLAG_DEFAULTS as Readonly<Record<string, boolean>>)[key];
  const got = there ? features[key] : (byDefault ?? null);
  const ok = got === expect;
  if (!ok) {
    const code =
      got === null ? 'flag_missing' : typeof got === 'boolean' ? 'flag_differs' : 'flag_not_boolean';
    findings.push(asRequired(item, finding(code, key, `expected ${expect}`)));
  }
  return { ...item, got, ok };
}

function checkFile(item: FileItem, findings: DoctorFinding[]): FileRow {
  const exists = existsSync(item.path);
  if (!exists) findings.push(asRequired(item, finding('file_missing', item.path)));
  return { ...item, exists, ok: exists };
}

/** What the profile does not require is a warning at most. */
export function asRequired(
  { required }: { readonly required: boolean },
  found: DoctorFinding,
): DoctorFinding {
  return required ? found : { ...found, severity: 'warning' };
}

function readObject(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
