import type { ServerResponse } from 'node:http';
import type { GuardCalls, Verdict } from './gate.ts';
import type { Door, Shed } from './shed.ts';

/** On the answer: which door it went in by, and when. */
const HELD = Symbol('plimsoll.budgets.held');
interface Held {
  [HELD]?: { readonly door: Door; readonly since: number };
}

/** The guards of each framework: a question on the way in, a count on the way out. */
export function guardsOver(shed: Shed, now: () => number): GuardCalls {
  // One listener for all answers: `close` comes after `finish`, and when the client leaves.
  function onClose(this: ServerResponse): void {
    const held = (this as Held)[HELD];
    held?.door.limiter.leave(held.since, now());
  }
  const enter = (guard: object, url: string, res: ServerResponse): Verdict | undefined => {
    const door = shed.door(guard);
    // A guard inside a guard has let it in already.
    if (door.exempt(url) || (res as Held)[HELD] !== undefined) return undefined;
    const since = now();
    const verdict = shed.enter(door, since);
    if (verdict !== undefined) return verdict;
    (res as Held)[HELD] = { door, since };
    res.on('close', onClose);
    return undefined;
  };
  const fetchGuard = async (
    guard: object,
    request: Request,
    next: () => Response | undefined | Promise<Response | undefined>,
  ): Promise<Response | undefined> => {
    const door = shed.door(guard);
    if (door.exempt(pathOfUrl(request.url))) return next();
    const since = now();
    const verdict = shed.enter(door, since);
    if (verdict !== undefined) return verdict.response();
    try {
      return await next();
    } finally {
      door.limiter.leave(since, now());
    }
  };
  return {
    fastify(guard, [request, reply, done]) {
      const verdict = enter(guard, request.raw.url ?? '/', reply.raw);
      if (verdict === undefined) return done();
      reply.hijack();
      answer(reply.raw, verdict);
    },
    express(guard, [req, res, next]) {
      // Below a mount Express cuts the path.
      const verdict = enter(guard, (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/', res);
      return verdict === undefined ? next() : answer(res, verdict);
    },
    hono: (guard, c, next) => fetchGuard(guard, c.req.raw, async () => void (await next())),
    fetch: (guard, request, next) => fetchGuard(guard, request, next) as Promise<Response>,
  };
}

function answer(res: ServerResponse, verdict: Verdict): void {
  const body = verdict.body();
  res.writeHead(verdict.status, { ...verdict.headers, 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

function pathOfUrl(url: string): string {
  const at = url.indexOf('/', url.indexOf('://') + 3);
  return at < 0 ? '/' : url.slice(at);
}
