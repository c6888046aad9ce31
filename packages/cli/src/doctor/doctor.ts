import type { DoctorFinding } from '@plimsoll/wire';
import type { Output } from '../output/output.ts';
import { table } from '../output/table.ts';
import { type Own, openOwn } from './own.ts';
import { type Answer, ask, type Doctor, finding, type Probe, type Result, under } from './probe.ts';
import { PROBES } from './probes/index.ts';

export interface DoctorInput {
  readonly base: URL;
  readonly token: string | undefined;
  readonly runtimeRoot: string | undefined;
}

/** Each probe's result under its name, whether all of them passed, and what is wrong. */
export interface DoctorReport {
  readonly [probe: string]: unknown;
  readonly pass: boolean;
  readonly findings: readonly DoctorFinding[];
}

/** Runs every probe, one after the other, whatever became of the ones before. */
export async function examine({ base, token, runtimeRoot }: DoctorInput): Promise<DoctorReport> {
  const findings: DoctorFinding[] = [];
  const results: Record<string, Result> = {};
  let own: Promise<Own> | undefined;
  let health: Promise<Answer> | undefined;
  const shared = {
    ...{ base, token },
    health: () => {
      health ??= ask(under(base, '/health'));
      return health;
    },
    own: () => {
      own ??= openOwn(runtimeRoot);
      return own;
    },
  };
  for (const probe of PROBES) {
    const find: Doctor['find'] = (code, detail) => void findings.push(finding(code, probe.name, detail));
    results[probe.name] = await run(probe, { ...shared, find });
  }
  const opened = own as Promise<Own> | undefined;
  await opened?.then(
    it => it.close(),
    () => {},
  );
  const failed = findings.some(({ severity }) => severity === 'error');
  const pass = !failed && Object.values(results).every(({ ok }) => ok !== false);
  return { ...results, pass, findings };
}

async function run(probe: Probe, doctor: Doctor): Promise<Result> {
  try {
    return await probe.run(doctor);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    doctor.find('probe_failed', text);
    return { ok: false, error: text };
  }
}

/** For a person, beside the JSON: a line for each probe, then what is wrong and what to do. */
export function tellDoctor({ pass, findings, ...results }: DoctorReport, output: Output): void {
  const rows = Object.entries(results).map(([name, result]) => {
    const { ok, error, status_code: status, skipped } = result as Result;
    const state = ok === null ? 'skipped' : ok ? 'ok' : 'FAILED';
    return [
      name,
      state,
      String(error ?? skipped ?? (status === undefined ? '' : `status ${String(status)}`)),
    ];
  });
  output.error(`${table([['PROBE', 'RESULT', 'WHY'], ...rows])}\n`);
  tellFindings(findings, output);
  output.error(pass ? 'Everything that was asked passed.\n' : 'Something is wrong.\n');
}

export function tellFindings(findings: readonly DoctorFinding[], output: Output): void {
  for (const { severity, code, subject, detail, hint } of findings) {
    const what = [subject, detail].filter(text => text !== undefined && text !== '').join(': ');
    output.error(`${table([[`[${severity}] ${code} (${what}). ${hint}`]])}\n`);
  }
}
