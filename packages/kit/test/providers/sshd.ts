import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../../test/support/free-port.ts';

const SSHD = '/usr/sbin/sshd';
export const HOW = 'needs an SSH server: apt-get install openssh-server';
export const hasSshd = (): boolean => existsSync(SSHD);

export interface Machine {
  /** Where a command finds itself, in place of the user's home. */
  readonly home: string;
  readonly url: string;
  /** What `providers.ssh` is to be: with the host's key, or with no key of any host. */
  readonly ssh: readonly string[];
  readonly stranger: readonly string[];
  readonly identity: string;
  /** Puts a program into the machine's PATH. */
  install(name: string, script: string): void;
  stop(): Promise<void>;
}

/** OpenSSH's server on the loopback, for this user and one key of its own. */
export async function startMachine(): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-ssh-'));
  const at = (name: string) => join(folder, name);
  const keygen = (name: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', at(name)]);
  for (const name of ['host', 'user', 'other']) keygen(name);
  for (const name of ['home', 'bin']) mkdirSync(at(name));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const port = await freePort();
  const inside = `cd ${at('home')} && PATH=${at('bin')}:$PATH exec sh -c "$SSH_ORIGINAL_COMMAND"`;
  writeFileSync(
    at('sshd_config'),
    [
      ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${at('host')}`, `PidFile ${at('pid')}`],
      ...[`AuthorizedKeysFile ${at('user.pub')}`, 'StrictModes no', 'UsePAM no', 'PasswordAuthentication no'],
      `ForceCommand ${inside}`,
    ].join('\n'),
  );
  const known = execFileSync('cut', ['-d', ' ', '-f', '1,2', at('host.pub')], { encoding: 'utf8' });
  writeFileSync(at('known'), `[127.0.0.1]:${port} ${known}`);
  writeFileSync(at('none'), '');
  for (const name of ['known', 'none'])
    writeFileSync(at(`ssh_${name}`), `UserKnownHostsFile ${at(name)}\nGlobalKnownHostsFile ${at(name)}\n`);
  const server = spawn(SSHD, ['-D', '-e', '-f', at('sshd_config')], { stdio: 'ignore' });
  const ended = new Promise<void>(done => server.once('exit', () => done()));
  for (let tries = 0; tries < 100 && !(await answers(port)); tries += 1) await delay(50);
  return {
    home: at('home'),
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    ssh: ['ssh', '-F', at('ssh_known')],
    stranger: ['ssh', '-F', at('ssh_none')],
    identity: at('user'),
    install(name, script) {
      writeFileSync(join(at('bin'), name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(at('bin'), name), 0o755);
    },
    async stop() {
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => done(socket.destroy() !== undefined));
    socket.once('error', () => done(false));
  });
}
