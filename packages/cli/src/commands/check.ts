import type { Command } from 'commander';
import type { Output } from '../output/output.ts';
import type { Code } from '../query/ask.ts';

interface CheckFlags {
  readonly profile: string;
  readonly conf?: string;
  readonly flagsFile: string;
  readonly base?: string;
  readonly baseEnv: string;
}

/** `plimsoll check`: exits 0 when all that the profile requires is so, else 2. The report is on standard output. */
export function checkCommand(program: Command, output: Output, done: (code: Code) => void): void {
  program
    .command('check')
    .description(
      "compare a running service, its flags and its documents with a profile; exits 2 where they don't fit",
    )
    .requiredOption(
      '--profile <name>',
      'a profile of the file, or of ours: p3_ops_obs_perf, p3_ops_obs_perf_on, service',
    )
    .option('--conf <file>', 'JSON with profiles by name')
    .option('--flags-file <file>', 'the config file that holds the flags', 'config/plimsoll.json')
    .option('--base <url>', 'where the service is; then nowhere else is looked')
    .option('--base-env <name>', 'the variable that says where it is', 'PLIMSOLL_BASE')
    .option('--json', 'standard output is JSON in any case')
    .action(async (flags: CheckFlags) => done(await run(flags, output)));
}

async function run({ profile, conf, flagsFile, base, baseEnv }: CheckFlags, output: Output): Promise<Code> {
  const [{ check }, { tellFindings }] = await Promise.all([
    import('../check/check.ts'),
    import('../doctor/doctor.ts'),
  ]);
  const report = await check({ ...{ profile, conf, flagsFile, base, baseEnv }, env: process.env });
  output.out(`${JSON.stringify(report, null, 2)}\n`);
  tellFindings(report.findings, output);
  const items = [...report.flags, ...report.routes, ...report.files];
  const right = items.filter(({ ok }) => ok).length;
  const where = report.base ?? 'no base';
  output.error(
    `check ${profile}: ${report.pass ? 'pass' : 'FAIL'}, ${right} of ${items.length} at ${where}\n`,
  );
  return report.pass ? 0 : 2;
}
