import { Command, CommanderError } from 'commander';
import { configCommand } from './commands/config.ts';
import { type Output, standardOutput } from './output/output.ts';

/** What a command ends with: 0 fine, 1 it found something wrong, 2 it was called wrongly. */
export type ExitCode = 0 | 1 | 2;

/** Runs one command line, without the two first words of `process.argv`. Never exits the process. */
export async function run(argv: readonly string[], output: Output = standardOutput()): Promise<number> {
  let code: ExitCode = 0;
  const program = new Command('plimsoll')
    .description('Operations for TypeScript services: see and check what Plimsoll is told to do')
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: output.error })
    .showHelpAfterError('(plimsoll --help shows what there is)')
    .enablePositionalOptions();
  // Subcommands made with `command` take over exitOverride and the output; those added later do not.
  configCommand(program, output, result => {
    code = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that was asked for is 0; help in place of a missing command, and all else, is a wrong call.
    return error.exitCode === 0 ? 0 : 2;
  }
  return code;
}
