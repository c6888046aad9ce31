import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../../test/support/free-port.ts';

export interface Service {
  readonly port: number;
  stop(): Promise<void>;
}

const POSTGRES = '/usr/lib/postgresql';
const REDIS = '/usr/bin/redis-server';
export const HOW = 'needs PostgreSQL and Redis: apt-get install postgresql redis-server';

export const hasServices = (): boolean => postgresBin() !== undefined && existsSync(REDIS);

/** An empty PostgreSQL; its superuser is `plimsoll`, without a password. */
export async function startPostgres(): Promise<Service> {
  const bin = postgresBin() as string;
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-pg-'));
  const who = postgresUser();
  if (who.uid !== undefined && who.gid !== undefined) chownSync(folder, who.uid, who.gid);
  const options = { ...who, cwd: folder, stdio: 'ignore' } as const;
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'plimsoll', '-N'], options);
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', `${port}`, '-k', folder, ...settings],
    options,
  );
  const ready = () => execFileSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', `${port}`], options);
  return running(server, { port, folder, ready, signal: 'SIGINT' });
}

/** An empty Redis that keeps nothing. */
export async function startRedis(): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-redis-'));
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(REDIS, args, { cwd: folder, stdio: 'ignore' });
  const ready = () => execFileSync('redis-cli', ['-p', `${port}`, 'ping'], { stdio: 'ignore' });
  return running(server, { port, folder, ready, signal: 'SIGTERM' });
}

async function running(
  server: ChildProcess,
  of: { port: number; folder: string; ready: () => unknown; signal: NodeJS.Signals },
): Promise<Service> {
  const exited = new Promise<void>(resolve => server.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    server.kill(of.signal);
    await exited;
    rmSync(of.folder, { recursive: true, force: true });
  };
  for (let attempt = 0; ; attempt += 1) {
    try {
      of.ready();
      return { port: of.port, stop };
    } catch (error) {
      if (attempt < 100 && server.exitCode === null) await delay(100);
      else {
        await stop();
        throw error;
      }
    }
  }
}

function postgresBin(): string | undefined {
  const versions = existsSync(POSTGRES) ? readdirSync(POSTGRES).sort((a, b) => Number(b) - Number(a)) : [];
  return versions
    .map(version => join(POSTGRES, version, 'bin'))
    .find(folder => existsSync(join(folder, 'initdb')));
}

/** Root may not run PostgreSQL, so Debian's own user does. */
function postgresUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
