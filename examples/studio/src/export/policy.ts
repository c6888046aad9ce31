import { randomBytes } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Members } from '../body.ts';
import { Refusal } from '../failure.ts';
import type { Studio } from '../studio.ts';
import type { Asset } from './library.ts';

export type Severity = 'info' | 'warn' | 'block';

/** What is about to be exported. */
export interface PolicySubject {
  readonly action: 'export.renpy' | 'export.bundle';
  readonly project_id: string | undefined;
  readonly timeline_id: string;
  readonly scene_ids: readonly string[];
  readonly assets: readonly Asset[];
}

export interface Verdict {
  readonly severity: Severity;
  readonly target_id: string;
  readonly message: string;
  readonly detail?: Members;
}

/** Judges an export. One verdict of severity `block` stops it with 423. */
export interface Policy {
  /** Named in every finding. */
  readonly source: string;
  judge(subject: PolicySubject): readonly Verdict[] | Promise<readonly Verdict[]>;
}

export interface Finding extends Verdict {
  readonly kind: 'policy';
  readonly level: Severity;
  readonly detail: Members;
  readonly issue_id: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly created_at: string;
  readonly resolved: false;
  readonly notes: readonly [];
}

export interface Enforcement {
  readonly action: PolicySubject['action'];
  readonly allow: boolean;
  readonly gate: 'export';
  readonly counts: Readonly<Record<Severity, number>>;
  readonly findings: readonly Finding[];
  readonly blocked: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly info: readonly Finding[];
  /** The file that it is about, where that is known. */
  readonly bundle: string | null;
  readonly timestamp: number;
  readonly log_path: string;
  readonly source: string;
}

/** Assets whose licence nobody wrote down are exported, with a warning. */
export const licencePolicy: Policy = {
  source: 'studio.licences',
  judge({ action, project_id, timeline_id, assets }) {
    const bare = assets.filter(({ license }) => !license).map(({ path }) => path);
    if (bare.length === 0) return [];
    return [
      {
        severity: 'warn',
        target_id: `project:${project_id}:assets`,
        message: 'Some assets have no licence',
        detail: { assets_without_license: bare, timeline_id, source: 'studio.licences', origin: action },
      },
    ];
  },
};

/** Asks the policy, writes down what it said, and tells the hooks; 423 where it blocks. */
export async function enforce(
  studio: Studio,
  subject: PolicySubject,
  bundle: string | null,
): Promise<Enforcement> {
  const { policy, obs, settings, now } = studio;
  const ms = now();
  const verdicts = await policy.judge(subject);
  const findings = verdicts.map(verdict => findingOf(verdict, ms));
  const of = (severity: Severity) => findings.filter(finding => finding.severity === severity);
  const [blocked, warnings, info] = [of('block'), of('warn'), of('info')];
  const enforcement: Enforcement = {
    ...{ action: subject.action, allow: blocked.length === 0, gate: 'export' },
    counts: { info: info.length, warn: warnings.length, block: blocked.length },
    ...{ findings, blocked, warnings, info, bundle, timestamp: ms / 1000 },
    log_path: join(settings.runtimeRoot, 'logs/policy/enforcer.jsonl'),
    source: policy.source,
  };
  await record(enforcement);
  obs.hooks.emit('on_policy_enforced', { ...enforcement });
  if (!enforcement.allow) throw new Refusal(423, 'policy blocks this export', { more: { enforcement } });
  return enforcement;
}

function findingOf(verdict: Verdict, ms: number): Finding {
  return {
    kind: 'policy',
    ...{ severity: verdict.severity, level: verdict.severity },
    ...{ target_id: verdict.target_id, message: verdict.message, detail: verdict.detail ?? {} },
    issue_id: randomBytes(8).toString('hex'),
    timestamp: ms / 1000,
    created_at: new Date(ms).toISOString(),
    resolved: false,
    notes: [],
  };
}

async function record({ log_path, ...rest }: Enforcement): Promise<void> {
  await mkdir(dirname(log_path), { recursive: true });
  await appendFile(log_path, `${JSON.stringify(rest)}\n`);
}
