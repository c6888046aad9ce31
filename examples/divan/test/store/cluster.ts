import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../test/support/free-port.ts';

export interface Cluster {
  readonly url: string;
  stop(): Promise<void>;
}

const ROOT = '/usr/lib/postgresql';
export const HOW = 'needs PostgreSQL: apt-get install postgresql';

function bin(): string | undefined {
  const versions = existsSync(ROOT) ? readdirSync(ROOT).sort((a, b) => Number(b) - Number(a)) : [];
  return versions
    .map(version => join(ROOT, version, 'bin'))
    .find(folder => existsSync(join(folder, 'initdb')));
}

export const hasPostgres = () => bin() !== undefined;

/** Root may not run PostgreSQL, so Debian's own user does, in a folder of its own. */
function identity(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Starts an empty PostgreSQL in a temporary folder, on a free port of the loopback. */
export async function startCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'divan-pg-'));
  const who = identity();
  if (who.uid !== undefined) chownSync(folder, who.uid, who.gid!);
  const data = join(folder, 'data');
  const options = { ...who, cwd: folder, stdio: 'ignore' } as const;
  execFileSync(
    join(bin()!, 'initdb'),
    ['-D', data, '-A', 'trust', '-U', 'divan', '-E', 'UTF8', '--locale=C.UTF-8', '-N'],
    options,
  );
  const port = await freePort();
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    '-k',
    folder,
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'fsync=off',
  ];
  const server = spawn(join(bin()!, 'postgres'), args, options);
  const exited = new Promise<void>(resolve => server.once('exit', () => resolve()));
  const stop = async () => {
    server.kill('SIGINT');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; ; attempt += 1) {
    try {
      execFileSync(join(bin()!, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], options);
      return { url: `postgres://divan@127.0.0.1:${port}/postgres`, stop };
    } catch (error) {
      if (attempt === 100 || server.exitCode !== null) {
        await stop();
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
}
