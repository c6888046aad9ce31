import { type Command, InvalidArgumentError } from 'commander';
import { consoleFlags } from '../console/flags.ts';
import { openConsole } from '../console/open.ts';
import { type ConsoleFlags, consoleSettings } from '../console/settings.ts';
import { type CommandLine, type Ended, nodeCommand, Supervisor } from '../dev/child.ts';
import { appEnvironment } from '../dev/environment.ts';
import type { Output } from '../output/output.ts';
import type { Code } from '../query/ask.ts';

interface DevFlags extends ConsoleFlags {
  readonly url?: string;
}

/** `plimsoll dev ENTRY [ARGS]` and `plimsoll dev -- COMMAND [ARGS]`; `argv` is the whole command line. */
export function devCommand(
  program: Command,
  { argv, output, done }: { argv: readonly string[]; output: Output; done: (code: Code) => void },
): void {
  const command = program
    .command('dev')
    .usage('[options] <entry> [args...]\n       plimsoll dev [options] -- <command> [args...]')
    .description('run an app with a console beside it, and see what it does')
    .argument('<app...>', 'a script for Node (TypeScript too), or after -- any command')
    .option(
      '--url <url>',
      "where the app's ops API will be, such as http://127.0.0.1:3000, where the app does not say",
      httpUrl,
    )
    // What stands behind the entry is the app's own.
    .passThroughOptions();
  consoleFlags(command).action(async (words: readonly string[], flags: DevFlags) =>
    done(await dev(lineOf(words, argv), { flags, output })),
  );
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('Expected a URL, such as http://127.0.0.1:3000.');
  }
  return url.href.replace(/\/$/, '');
}

/** Commander drops the `--`, so the whole line is asked whether one stood before the app's words. */
function lineOf(words: readonly string[], argv: readonly string[]): CommandLine {
  const [first = '', ...rest] = words;
  return argv[argv.length - words.length - 1] === '--'
    ? { command: first, args: rest }
    : nodeCommand(first, rest);
}

async function dev(line: CommandLine, { flags, output }: { flags: DevFlags; output: Output }): Promise<Code> {
  const settings = consoleSettings(flags, process.env);
  if ('problem' in settings) {
    output.error(`${settings.problem}\n`);
    return 2;
  }
  const supervisor = new Supervisor();
  try {
    const running = await openConsole(settings, process.env);
    if ('problem' in running) {
      output.error(`${running.problem}\n`);
      return 1;
    }
    output.error(`${[...running.notes, `The console is at ${running.url}`].join('\n')}\n`);
    const ended = await supervisor
      .run(line, appEnvironment(process.env, { ...running, url: flags.url }))
      .finally(running.close);
    return end(ended, { supervisor, output });
  } finally {
    supervisor.release();
  }
}

/** As the app ended, so do we: by the same signal where it died of one. */
function end(
  { code, signal, problem }: Ended,
  { supervisor, output }: { supervisor: Supervisor; output: Output },
): Code {
  if (problem !== undefined) output.error(`plimsoll dev ${problem}\n`);
  supervisor.release();
  if (signal !== undefined) output.die?.(signal);
  return code;
}
