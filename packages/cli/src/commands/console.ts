import type { Command } from 'commander';
import { consoleFlags } from '../console/flags.ts';
import { openConsole } from '../console/open.ts';
import { type ConsoleFlags, consoleSettings } from '../console/settings.ts';
import type { Output } from '../output/output.ts';
import type { Code } from '../query/ask.ts';

/** `plimsoll console`: receives from any OTLP client until a signal. */
export function consoleCommand(program: Command, output: Output, done: (code: Code) => void): void {
  const command = program
    .command('console')
    .description('receive OTLP from services in any language, and show it on a page of this machine')
    .option(
      '--host <address>',
      'where to listen (default 127.0.0.1); beyond loopback it takes a token in PLIMSOLL_CONSOLE_TOKEN',
    )
    .option(
      '--otlp-host <address>',
      'where to take OTLP (default 127.0.0.1); whoever reaches it can write, there is no token',
    );
  consoleFlags(command).action(async (flags: ConsoleFlags) => done(await serve(flags, output)));
}

async function serve(flags: ConsoleFlags, output: Output): Promise<Code> {
  const settings = consoleSettings(flags, process.env);
  if ('problem' in settings) {
    output.error(`${settings.problem}\n`);
    return 2;
  }
  // Listened for from the start: a signal during the opening of the store must still close it.
  const signalled = signal();
  const running = await openConsole(settings, process.env);
  if ('problem' in running) {
    output.error(`${running.problem}\n`);
    return 1;
  }
  output.error(`${[...running.notes, welcome(running)].join('\n')}\n`);
  await signalled;
  await running.close();
  return 0;
}

const welcome = ({ url, otlpHttp, otlpGrpc }: { url: string; otlpHttp: string; otlpGrpc: string }): string =>
  [
    `The console is at ${url}`,
    `It takes OTLP at ${otlpHttp} (HTTP) and ${otlpGrpc} (gRPC). A service sends there with:`,
    `  OTEL_EXPORTER_OTLP_ENDPOINT=${otlpHttp} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`,
    'Ctrl-C stops it.',
  ].join('\n');

/** The first signal closes; a second one, while that hangs, ends the process as signals do. */
function signal(): Promise<void> {
  return new Promise(resolve => {
    const stop = () => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}
