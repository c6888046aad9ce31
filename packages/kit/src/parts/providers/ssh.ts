import { execFile } from 'node:child_process';
import {
  type Adapter,
  type Asking,
  type Offered,
  type Probed,
  type Quoted,
  type Step,
  template,
  text,
} from './adapter.ts';
import { type Failure, ProbeError } from './fetch.ts';
import type { Provider } from './gate.ts';

/** `ssh://user@host:port`. Nothing in it can be read as an option, and there is no password: ssh takes none from us. */
const ADDRESS =
  /^ssh:\/\/(?:(?<user>[A-Za-z_][\w.-]{0,31})@)?(?:\[(?<six>[0-9A-Fa-f:.]{2,64})\]|(?<host>[A-Za-z0-9][A-Za-z0-9.-]{0,252}))(?::(?<port>\d{1,5}))?\/?$/;

/** All that is ever run, so that whoever may change the registry can't choose what runs on the machine. */
const COMMANDS = {
  health: 'uname -sr; uptime; command -v nvidia-smi; command -v docker; true',
  gpu: 'nvidia-smi --query-gpu=name,memory.total,memory.used,utilization.gpu --format=csv,noheader',
  disk: 'df -Ph',
  // Neither commands nor labels: they hold what was given to the containers.
  docker: "docker ps --format '{{.Names}}\t{{.Image}}\t{{.Status}}'",
  images: "docker images --format '{{.Repository}}\t{{.Tag}}\t{{.Size}}'",
} as const;
const FOLDER = /^(?!.*(^|\/)\.\.?(\/|$))\w[\w./-]{0,199}$/;
const OUTPUT_AT_MOST = 64 * 1024;
const SHOWN_AT_MOST = 8192;
/** ssh's own failures; a command's status is its own. */
const SSH_FAILED = 255;
/** What ssh needs of the environment; the service's secrets are in the rest. */
const ENVIRONMENT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SSH_AUTH_SOCK', 'SystemRoot', 'USERPROFILE'];

/** A machine of one's own, looked at by a remote shell. */
export const sshAdapter: Adapter = {
  template: template('ssh', 'A machine of your own, over SSH', {
    meta: { config: ['identity_file', 'folders'] },
  }),
  address: ADDRESS,
  async probe(provider, asking): Promise<Probed> {
    const { returncode, stdout } = await run(provider, COMMANDS.health, asking);
    const [system = '', ...lines] = stdout.split('\n').map(line => line.trim());
    if (returncode !== 0 || system === '') return { ok: false, error: 'unexpected answer' };
    const load = /load averages?: ([\d.]+)/.exec(stdout)?.[1];
    const tools = ['nvidia-smi', 'docker'].filter(tool => lines.some(line => line.endsWith(`/${tool}`)));
    const details = { system, ...(load !== undefined && { load: Number(load) }), tools };
    return { ok: true, extra: { summary: [system, ...tools].join(', '), details } };
  },
  async quota(provider, asking): Promise<Quoted> {
    const of = async (command: string) => {
      const { returncode, stdout, stderr } = await run(provider, command, asking);
      return { ok: returncode === 0, returncode, stdout: shown(stdout), stderr: shown(stderr) };
    };
    const { gpu, disk, docker } = COMMANDS;
    const found = await Promise.all([of(gpu), of(disk), of(docker)]);
    const results = { gpu: found[0], disk: found[1], docker: found[2] };
    return { ok: found.every(({ ok }) => ok), results };
  },
  async templates(provider, asking): Promise<Offered> {
    const { returncode, stdout } = await run(provider, COMMANDS.images, asking);
    if (returncode !== 0) throw new ProbeError('docker not available');
    const rows = stdout.split('\n').map(line => line.trim().split('\t'));
    const named = rows.filter(([name = '']) => name !== '' && name !== '<none>');
    return {
      templates: named.map(([name = '', tag = '', size = '']) => ({ id: `${name}:${tag}`, name, tag, size })),
    };
  },
  async prepare(provider, asking): Promise<readonly Step[]> {
    const { folders } = provider.config;
    if (!Array.isArray(folders) || folders.length === 0) return [];
    const name = 'folders';
    if (!folders.every(folder => typeof folder === 'string' && FOLDER.test(folder)))
      return [{ name, ok: false, error: 'folders are relative paths without spaces' }];
    const { returncode } = await run(provider, `mkdir -p -- ${folders.join(' ')}`, asking);
    return [
      { name, ok: returncode === 0, ...(returncode !== 0 && { error: `mkdir ended with ${returncode}` }) },
    ];
  },
};

const shown = (output: string): string => output.trim().slice(0, SHOWN_AT_MOST);

interface Ran {
  readonly returncode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Rejects with a `ProbeError` where no command ran; its text holds nothing of what ssh said. */
function run(provider: Provider, command: string, { signal, ssh }: Asking): Promise<Ran> {
  const at = ADDRESS.exec(provider.base_url)?.groups;
  const host = at?.['six'] ?? at?.['host'];
  const [program = 'ssh', ...first] = ssh;
  if (host === undefined) return Promise.reject(new ProbeError('invalid address'));
  const identity = text(provider, 'identity_file');
  const args = [
    ...first,
    ...['-T', '-o', 'BatchMode=yes', '-o', 'ClearAllForwardings=yes', '-o', 'ForwardAgent=no'],
    ...(at?.['port'] === undefined ? [] : ['-p', at['port']]),
    ...(at?.['user'] === undefined ? [] : ['-l', at['user']]),
    ...(identity === undefined ? [] : ['-o', 'IdentitiesOnly=yes', '-i', identity]),
    ...['--', host, command],
  ];
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C' };
  for (const name of ENVIRONMENT) if (process.env[name] !== undefined) env[name] = process.env[name];
  const options = {
    env,
    signal,
    maxBuffer: OUTPUT_AT_MOST,
    killSignal: 'SIGKILL',
    windowsHide: true,
  } as const;
  return new Promise((done, failed) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const { code } = (error ?? { code: 0 }) as { code?: number | string };
      if (typeof code === 'number' && code !== SSH_FAILED) done({ returncode: code, stdout, stderr });
      else failed(new ProbeError(signal.aborted ? 'timeout' : failureOf(code, stderr)));
    });
  });
}

function failureOf(code: number | string | undefined, stderr: string): Failure {
  if (code === 'ENOENT') return 'ssh not installed';
  if (/host key verification failed/i.test(stderr)) return 'host key not known';
  return /permission denied/i.test(stderr) ? 'credentials rejected' : 'connection failed';
}
