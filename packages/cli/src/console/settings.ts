import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where a console listens and writes; a port of 0 takes a free one. */
export interface ConsoleSettings {
  readonly host: string;
  readonly otlpHost: string | undefined;
  readonly port: number;
  readonly otlpHttpPort: number;
  readonly otlpGrpcPort: number;
  readonly dir: string;
  /** What a page beyond loopback must show. */
  readonly token: string | undefined;
}

/** The flags of `plimsoll console` and `plimsoll dev`, as typed; each has a variable behind it. */
export interface ConsoleFlags {
  readonly host?: string;
  readonly otlpHost?: string;
  readonly port?: string;
  readonly otlpHttpPort?: string;
  readonly otlpGrpcPort?: string;
  readonly dir?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** 4600 is ours, 4318 and 4317 are what every OTLP client tries by itself. */
const PORTS = [
  { key: 'port', flag: '--port', env: 'PLIMSOLL_CONSOLE_PORT', fallback: 4600 },
  { key: 'otlpHttpPort', flag: '--otlp-http-port', env: 'PLIMSOLL_OTLP_HTTP_PORT', fallback: 4318 },
  { key: 'otlpGrpcPort', flag: '--otlp-grpc-port', env: 'PLIMSOLL_OTLP_GRPC_PORT', fallback: 4317 },
] as const;

/** The settings, or what is wrong with them, in one line. */
export function consoleSettings(flags: ConsoleFlags, env: Env): ConsoleSettings | { problem: string } {
  const ports = { port: 0, otlpHttpPort: 0, otlpGrpcPort: 0 };
  for (const { key, flag, env: variable, fallback } of PORTS) {
    const typed = flags[key];
    const text = typed ?? (env[variable] || String(fallback));
    const port = Number(text);
    if (!/^\d{1,5}$/.test(text) || port > 65_535) {
      const name = typed === undefined ? variable : flag;
      return { problem: `${name} is not a port, a number from 0 to 65535: ${text}` };
    }
    ports[key] = port;
  }
  return {
    ...ports,
    host: flags.host ?? '127.0.0.1',
    otlpHost: flags.otlpHost,
    dir: flags.dir === undefined ? join(plimsollFolder(env), 'console') : resolve(flags.dir),
    token: env['PLIMSOLL_CONSOLE_TOKEN'] || undefined,
  };
}

/** Where the tools write: the runtime root, else `.plimsoll` in this folder's project. */
export function plimsollFolder(env: Env): string {
  const project = projectFolder(process.cwd());
  const root = env['PLIMSOLL_RUNTIME_ROOT'];
  return root ? resolve(project, root) : join(project, '.plimsoll');
}

/** The nearest folder upwards with a package.json, else this one. */
function projectFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return from;
  }
}
