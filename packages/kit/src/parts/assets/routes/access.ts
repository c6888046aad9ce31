import { Lockout } from '../../../base/lockout.ts';
import { OpsError } from '../../../base/ops-error.ts';
import { AdminTokens, tokenOf } from '../../../base/tokens.ts';
import type { Kit, Peer } from '../../../kernel/part.ts';

/**
 * Lets a write through with a token of `assets.writeToken` or an admin token, and with nothing else: 401 in
 * development and on the loopback too, and also where no token is configured.
 */
export function createWriteGuard(kit: Kit): (request: Request, peer: Peer) => void {
  const tokens = new AdminTokens([
    ...kit.config.get('assets.writeToken'),
    ...kit.config.get('ops.adminToken'),
  ]);
  const lockout = new Lockout(() => kit.clock.monotonic());
  const log = kit.log.named('plimsoll.assets');
  return (request, peer) => {
    const waitMs = lockout.remaining(peer.address);
    if (waitMs > 0) {
      throw new OpsError('admin_locked', { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } });
    }
    const token = tokenOf(request.headers);
    if (token === undefined) throw refusal('missing bearer token');
    if (tokens.matches(token)) return;
    log.warn({ locked: lockout.wrong(peer.address) }, 'asset_write_refused');
    throw refusal('invalid token');
  };
}

function refusal(code: 'missing bearer token' | 'invalid token'): OpsError {
  return new OpsError(code, { headers: { 'www-authenticate': 'Bearer scope="assets.write"' } });
}
