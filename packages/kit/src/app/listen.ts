import { pathOf, serveOps } from '../adapters/node.ts';
import { builtin } from '../base/builtin.ts';
import { PlimsollError } from '../base/errors.ts';
import { UNOBSERVED } from '../base/unobserved.ts';
import type { Part } from '../kernel/part.ts';
import type { Ops } from '../ops/router.ts';
import { takeUpgrade } from './upgrades.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** The ops API on a port of its own; beyond loopback only with a token. */
export function listenOps(ops: Ops): Part {
  return {
    name: 'ops-listener',
    async setup({ config, log, expose }) {
      const host = config.get('ops.host');
      if (!LOOPBACK.has(host) && config.get('ops.adminToken').length === 0) {
        throw new PlimsollError('PLIMSOLL_OPS_EXPOSED', host);
      }
      const server = builtin('node:http').createServer((req, res) => {
        if (!ops.owns(pathOf(req.url))) return res.writeHead(404).end();
        return serveOps(ops, req, res).catch(error => {
          log.error({ err: error }, 'ops_failed');
          res.destroy();
        });
      });
      server.on('upgrade', (req, socket, head) => {
        if (!takeUpgrade(ops, { request: req, socket, head })) socket.destroy();
      });
      // Where every server of the process is observed, this one is ours.
      Object.assign(server, { [UNOBSERVED]: true });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(config.get('ops.port') as number, host, resolve);
      });
      // The app decides how long the process lives, not its ops port.
      server.unref();
      expose('ops-address', () => server.address());
      return () =>
        new Promise<void>(resolve => {
          server.close(() => resolve());
          server.closeAllConnections();
        });
    },
  };
}
