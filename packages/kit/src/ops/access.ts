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

/** Lets a request through or throws its refusal: 403, so that a scan learns nothing from it; 401 of access `token`. */
export type Guard = (
  route: Pick<Route, 'method' | 'path' | 'access' | 'tokens'>,
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

  const scoped = new WeakMap<object, AdminTokens>();
  const hasScope = ({ tokens: own }: Pick<Route, 'tokens'>, token: string): boolean => {
    if (own === undefined) return false;
    const accepted = scoped.get(own) ?? new AdminTokens(own.accepted);
    scoped.set(own, accepted);
    return accepted.matches(token);
  };

  /** One count of wrong tokens for all routes: where a scope's token will do, an admin's can be guessed too. */
  const requireToken: Guard = (route, request, peer) => {
    const scope = route.tokens?.scope;
    if (scope === undefined && !tokens.configured) {
      if (!warned) log.warn({ hint: PROBLEMS.admin_token_not_configured.hint }, 'admin_token_not_configured');
      warned = true;
      throw new OpsError('admin_token_not_configured');
    }
    const lockedMs = lockout.remaining(peer.address);
    if (lockedMs > 0) throw locked(lockedMs);
    const token = tokenOf(request.headers);
    if (token === undefined) throw refusal('missing bearer token', scope);
    const admin = tokens.matches(token);
    const right = admin || hasScope(route, token);
    const locks = !right && lockout.wrong(peer.address);
    const result = right ? 'allowed' : locks ? 'locked' : 'forbidden';
    audit({ route, peer, result, ...(!admin && scope !== undefined && { scope }) });
    if (!right) throw refusal('invalid token', scope);
    return { admin };
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

/** Routes with a scope say what was wrong, as RFC 6750 has it; the others never do. */
function refusal(code: 'missing bearer token' | 'invalid token', scope: string | undefined): OpsError {
  if (scope === undefined) return new OpsError('forbidden');
  return new OpsError(code, { headers: { 'www-authenticate': `Bearer scope="${scope}"` } });
}

function locked(ms: number): OpsError {
  return new OpsError('admin_locked', {
    headers: { 'retry-after': String(Math.ceil(ms / 1000)) },
  });
}
