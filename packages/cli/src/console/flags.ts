import type { Command } from 'commander';

/** The flags of the commands that start a console. */
export function consoleFlags(command: Command): Command {
  return command
    .option('--port <port>', 'of the page; else PLIMSOLL_CONSOLE_PORT, or 4600; 0 takes a free one')
    .option('--otlp-http-port <port>', 'of OTLP over HTTP; else PLIMSOLL_OTLP_HTTP_PORT, or 4318')
    .option('--otlp-grpc-port <port>', 'of OTLP over gRPC; else PLIMSOLL_OTLP_GRPC_PORT, or 4317')
    .option('--dir <folder>', 'where it keeps what it received; else .plimsoll/console in this project');
}
