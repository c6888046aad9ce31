import { PROBLEMS } from '@plimsoll/wire';
import { Lockout } from '../base/lockout.ts';
import { OpsError } from '../base/ops-error.ts';
import { AdminTokens, tokenOf } from '../base/tokens.ts';
import type { KitCore } from '../kernel/kit.ts';
import type { Peer, Route } from '../kernel/part.ts';
import { createAudit } from './audit.ts';
import { isForeignWrite, isLocal } from './loopback.ts';

export interface Access {
  readonly admin: boolean;
}

/** Lets a request through or throws its refusal: always 403, so that a scan learns nothing from the status. */
export type Guard = (
  route: Pick<Route, 'method' | 'path' | 'access'>,
  request: Request,
  peer: Peer,
) => Access;

/** The rules of the ops API, made once from the config. */
export function createGuard(kit: KitCore): Guard {
  const tokens = new AdminTokens(kit.config.get('ops.adminToken'));
  const lockout = new Lockout(() => kit.clock.monotonic());
  const audit = createAudit(kit);
  const log = kit.log.named('plimsoll.ops');
  const { development } = kit.config;
  let warned = false;

  const requireToken: Guard = (route, request, peer) => {
    if (!tokens.configured) {
      if (!warned) log.warn({ hint: PROBLEMS.admin_token_not_configured.hint }, 'admin_token_not_configured');
      warned = true;
      throw new OpsError('admin_token_not_configured');
    }
    const lockedMs = lockout.remaining(peer.address);
    if (lockedMs > 0) throw locked(lockedMs);
    const token = tokenOf(request.headers);
    if (token === undefined) throw new OpsError('forbidden');
    const right = tokens.matches(token);
    const locks = !right && lockout.wrong(peer.address);
    audit({ route, peer, result: right ? 'allowed' : locks ? 'locked' : 'forbidden' });
    if (!right) throw new OpsError('forbidden');
    return { admin: true };
  };

  return (route, request, peer) => {
    if (route.access === 'open') return { admin: false };
    if (route.access === 'local' && development && isLocal(request, peer)) {
      if (isForeignWrite(request)) throw new OpsError('forbidden', { hint: ORIGIN_HINT });
      if (tokenOf(request.headers) === undefined) return { admin: false };
      // Who sends a token wants to be known as admin; a wrong one still gets what a loopback peer gets.
      return { admin: tokens.configured && isAdmin(() => requireToken(route, request, peer)) };
    }
    return requireToken(route, request, peer);
  };
}

const ORIGIN_HINT = 'A write from a browser needs an Origin that is this server.';

function isAdmin(check: () => Access): boolean {
  try {
    return check().admin;
  } catch {
    return false;
  }
}

function locked(ms: number): OpsError {
  return new OpsError('admin_locked', {
    headers: { 'retry-after': String(Math.ceil(ms / 1000)) },
  });
}
