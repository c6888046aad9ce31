import type { FastifyInstance, FastifyRequest } from 'fastify';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import type { Divan } from './divan.ts';
import { Refusal } from './failure.ts';
import { campusId, userId } from './schemas.ts';

/** Who asks. */
export interface Caller {
  readonly userId: string;
  readonly campusId: string | null;
  readonly roles: readonly string[];
}

const CALLER = 'caller';
const COOKIE = /(?:^|;\s*)access_token=([\w.-]+)/;

const claims = z.object({
  sub: userId,
  campus_id: campusId.nullish(),
  roles: z.array(z.string()).max(20).default([]),
});

export const callerOf = (request: FastifyRequest): Caller => request.getDecorator<Caller>(CALLER);

/**
 * Lets in who shows an HS256 token, as bearer or in the cookie `access_token`; in development also who
 * sends `X-User-Id`. A token that is shown and wrong is refused, whatever else is sent: 401 `invalid_token`.
 */
export function requireCaller(app: FastifyInstance, { obs, settings, development }: Divan): void {
  const { jwtSecret } = settings;
  const key = jwtSecret ? new TextEncoder().encode(jwtSecret) : undefined;
  app.decorateRequest(CALLER);
  app.addHook('onRequest', async request => {
    const token = tokenOf(request);
    const caller = token ? await verify(token, key) : development ? fromHeaders(request) : undefined;
    if (!caller) throw new Refusal(401, 'invalid_token');
    request.setDecorator(CALLER, caller);
    obs.context.user(caller.userId);
  });
}

/** The cookie is for divan's own pages: a browser says when another site sends it along. */
function tokenOf({ headers }: FastifyRequest): string | undefined {
  const bearer = /^bearer\b *(.*)$/i.exec(headers.authorization ?? '');
  if (bearer) return bearer[1] || 'none';
  const cookie = COOKIE.exec(headers.cookie ?? '')?.[1];
  if (cookie && headers['sec-fetch-site'] === 'cross-site') throw new Refusal(401, 'invalid_token');
  return cookie;
}

async function verify(token: string, key: Uint8Array | undefined): Promise<Caller | undefined> {
  if (!key) return undefined;
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
    const { sub, campus_id, roles } = claims.parse(payload);
    return { userId: sub, campusId: campus_id ?? null, roles };
  } catch {
    return undefined;
  }
}

function fromHeaders({ headers }: FastifyRequest): Caller | undefined {
  const user = userId.safeParse(headers['x-user-id']);
  const campus = campusId.optional().safeParse(headers['x-campus-id'] || undefined);
  if (!user.success || !campus.success) return undefined;
  const roles = String(headers['x-user-roles'] ?? '').split(',');
  return {
    userId: user.data,
    campusId: campus.data ?? null,
    roles: roles.map(role => role.trim()).filter(Boolean),
  };
}
