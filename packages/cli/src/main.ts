import { Command, CommanderError } from 'commander';
import { assetsCommand } from './commands/assets.ts';
import { bundleCommand } from './commands/bundle.ts';
import { checkCommand } from './commands/check.ts';
import { configCommand } from './commands/config.ts';
import { consoleCommand } from './commands/console.ts';
import { devCommand } from './commands/dev.ts';
import { doctorCommand } from './commands/doctor.ts';
import { goldenCommand } from './commands/golden.ts';
import { healthCommand } from './commands/health.ts';
import { logsCommand } from './commands/logs.ts';
import { metricsCommand } from './commands/metrics.ts';
import { servicesCommands } from './commands/services.ts';
import { tracesCommand } from './commands/traces.ts';
import { type Output, standardOutput } from './output/output.ts';

/** What a command ends with: 0 fine, 1 it found something wrong, 2 it was called wrongly. */
export type ExitCode = 0 | 1 | 2;

/** In the order in which help shows them, after `dev`. */
const COMMANDS = [
  consoleCommand,
  tracesCommand,
  logsCommand,
  metricsCommand,
  healthCommand,
  servicesCommands,
  configCommand,
  doctorCommand,
  checkCommand,
  goldenCommand,
  bundleCommand,
  assetsCommand,
];

/**
 * Runs one command line, without the two first words of `process.argv`, and gives its exit code. A command that asks a
 * console ends with 3 where none answers, `plimsoll dev` as its app did. The process is ended by the output alone.
 */
export async function run(argv: readonly string[], output: Output = standardOutput()): Promise<number> {
  let code = 0;
  const program = new Command('plimsoll')
    .description('Operations for TypeScript services: run one beside a console, and see what it does')
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: output.error })
    .showHelpAfterError('(plimsoll --help shows what there is)')
    .enablePositionalOptions();
  // Subcommands made with `command` take over exitOverride and the output; those added later do not.
  const done = (result: number) => {
    code = result;
  };
  devCommand(program, { argv, output, done });
  for (const add of COMMANDS) add(program, output, done);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that was asked for is 0; help in place of a missing command, and all else, is a wrong call.
    return error.exitCode === 0 ? 0 : 2;
  }
  return code;
}
