import type { Command } from 'commander';
import { baseUrl } from '../doctor/probe.ts';
import type { Output } from '../output/output.ts';
import type { Code } from '../query/ask.ts';

interface DoctorFlags {
  readonly base: string;
  readonly token?: string;
  readonly runtimeRoot?: string;
}

/** `plimsoll doctor`: exits 0 when every probe passed, else 1. The report is on standard output, words for a person on standard error. */
export function doctorCommand(program: Command, output: Output, done: (code: Code) => void): void {
  program
    .command('doctor')
    .description(
      'examine a running service and this machine: health, crash dumps, log, signals, configuration',
    )
    .option('--base <url>', 'where the service is', 'http://127.0.0.1:8000')
    .option('--token <token>', "the service's admin token; else OBS_ADMIN_TOKEN")
    .option(
      '--runtime-root <folder>',
      'where the simulated crash is dumped; else a temporary folder of yours',
    )
    .option('--json', 'standard output is JSON in any case')
    .action(async (flags: DoctorFlags) => done(await doctor(flags, output)));
}

async function doctor({ base, token, runtimeRoot }: DoctorFlags, output: Output): Promise<Code> {
  const url = baseUrl(base);
  if (url === undefined) {
    output.error(`${base} is not the URL of a service, such as http://127.0.0.1:8000\n`);
    return 2;
  }
  // A list while tokens are rotated; any of them is right.
  const given = token ?? process.env['OBS_ADMIN_TOKEN']?.split(',')[0]?.trim();
  const { examine, tellDoctor } = await import('../doctor/doctor.ts');
  const report = await examine({ base: url, token: given === '' ? undefined : given, runtimeRoot });
  output.out(`${JSON.stringify(report, null, 2)}\n`);
  tellDoctor(report, output);
  return report.pass ? 0 : 1;
}
