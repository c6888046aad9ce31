import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Agent } from 'node:http';
import type { Server } from 'node:net';
import { builtin } from '../base/builtin.ts';
import { UNOBSERVED } from '../base/unobserved.ts';
import type { Kit, Part } from '../kernel/part.ts';
import { isHttp, LISTEN } from './drain/servers.ts';

/** Milliseconds before each try: a server may listen before the ops API is mounted on it. */
const TRIES = [0, 250, 1000, 3000, 10_000];
const TIMEOUT_MS = 5000;
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/;

/**
 * Learns where this process serves its ops API, for consoles on the same machine: `kit.read('ops-url')` has it, which
 * OTLP sends as `plimsoll.ops.url`, and the console that `ops.announce` names is told, with the admin token. That
 * console looks whether the ops API is there, since a process may have several servers.
 */
export function addressPart({ ownPort }: { ownPort: boolean }): Part {
  return {
    name: 'address',
    setup(kit) {
      let first: { readonly server: Server; readonly url: string } | undefined;
      const announcer = announcerOf(kit);
      const onListen = (message: unknown): void => {
        const { server } = message as { server: Server };
        if (!isHttp(server) || ownPort !== UNOBSERVED in server) return;
        const url = urlOf(server);
        if (url === undefined) return;
        if (!first?.server.listening) first = { server, url };
        announcer?.tell(url);
      };
      subscribe(LISTEN, onListen);
      const hide = kit.expose('ops-url', () => first?.url);
      return async () => {
        unsubscribe(LISTEN, onListen);
        announcer?.stop();
        await hide();
      };
    },
  };
}

/** As this machine reaches it; undefined for a server that it does not reach over loopback. */
function urlOf(server: Server): string | undefined {
  const address = server.address();
  if (typeof address !== 'object' || address === null) return undefined;
  const any = address.address === '::' || address.address === '0.0.0.0';
  const host = any ? '127.0.0.1' : address.address.includes(':') ? `[${address.address}]` : address.address;
  if (!LOOPBACK.test(host)) return undefined;
  return `${'setSecureContext' in server ? 'https' : 'http'}://${host}:${address.port}`;
}

interface Announcer {
  tell(url: string): void;
  stop(): void;
}

function announcerOf({ config, context, log }: Kit): Announcer | undefined {
  const text = config.get('ops.announce');
  if (!text) return undefined;
  const to = URL.canParse(text) ? new URL(text) : undefined;
  if (to?.protocol !== 'http:' || !LOOPBACK.test(to.hostname)) {
    // The token would leave this machine.
    const hint = 'ops.announce names an http address of this machine only.';
    log.named('plimsoll.ops').warn({ hint }, 'ops_announce_refused');
    return undefined;
  }
  const agent = Object.assign(new (builtin('node:http').Agent)(), { [UNOBSERVED]: true });
  const timers = new Set<NodeJS.Timeout>();
  const service = config.get('service');
  const token = config.get('ops.adminToken').find(one => one.trim() !== '');
  const attempt = (url: string, tries: number): void => {
    const timer = setTimeout(async () => {
      timers.delete(timer);
      const body = JSON.stringify({ service, url, token });
      const told = await context.exit(() => post(to, body, agent));
      if (!told && tries + 1 < TRIES.length) attempt(url, tries + 1);
    }, TRIES[tries]).unref();
    timers.add(timer);
  };
  return {
    tell: url => attempt(url, 0),
    stop() {
      for (const timer of timers) clearTimeout(timer);
      agent.destroy();
    },
  };
}

/** True where the console took it. Never keeps the process alive. */
function post(to: URL, body: string, agent: Agent): Promise<boolean> {
  return new Promise(resolve => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = builtin('node:http').request(
      to,
      { method: 'POST', agent, headers, timeout: TIMEOUT_MS },
      response => {
        response.resume();
        resolve(response.statusCode === 204);
      },
    );
    asked.on('socket', socket => socket.unref());
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end(body);
  });
}
