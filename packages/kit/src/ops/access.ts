import type { KitCore } from '../kernel/kit.ts';
import type { Peer, Route } from '../kernel/part.ts';
import { createAudit } from './audit.ts';
import { Lockout } from './lockout.ts';
import { isForeignWrite, isLocal } from './loopback.ts';
import { OpsError } from './problem.ts';
import { AdminTokens, tokenOf } from './tokens.ts';

export interface Access {
  readonly admin: boolean;
}

/** Lets a request through or throws its refusal: always 403, so that a scan learns nothing from the status. */
export type Guard = (route: Route, request: Request, peer: Peer) => Access;

const TOKEN_HINT = 'Send the admin token in X-Admin-Token, or as a bearer token.';
const CONFIG_HINT = 'Set OBS_ADMIN_TOKEN, or OBS_ADMIN_TOKEN_FILE.';

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
      if (!warned) log.warn({ hint: CONFIG_HINT }, 'admin_token_not_configured');
      warned = true;
      throw new OpsError(403, 'admin_token_not_configured', { hint: CONFIG_HINT });
    }
    const lockedMs = lockout.remaining(peer.address);
    if (lockedMs > 0) throw locked(lockedMs);
    const token = tokenOf(request.headers);
    if (token === undefined) throw new OpsError(403, 'forbidden', { hint: TOKEN_HINT });
    const right = tokens.matches(token);
    const locks = !right && lockout.wrong(peer.address);
    audit({ route, peer, result: right ? 'allowed' : locks ? 'locked' : 'forbidden' });
    if (!right) throw new OpsError(403, 'forbidden', { hint: TOKEN_HINT });
    return { admin: true };
  };

  return (route, request, peer) => {
    if (route.access === 'open') return { admin: false };
    if (route.access === 'local' && development && isLocal(request, peer)) {
      if (isForeignWrite(request)) throw new OpsError(403, 'forbidden', { hint: ORIGIN_HINT });
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
  return new OpsError(403, 'admin_locked', {
    hint: 'Too many wrong admin tokens came from this address.',
    headers: { 'retry-after': String(Math.ceil(ms / 1000)) },
  });
}
