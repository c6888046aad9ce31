import { createHash, timingSafeEqual } from 'node:crypto';
import type { OpsAnswer, ServiceOps } from '@plimsoll/wire';
import { OpsIndex } from './ops-index.ts';
import { askOps } from './ops-proxy.ts';
import { createOpsSockets, type OpsSockets, type SocketRequest } from './ops-socket.ts';
import { Refusal } from './problem.ts';
import { type Target, Targets } from './targets.ts';

const ANNOUNCEMENT_AT_MOST = 4096;

/** All that the console does with the ops APIs of services. */
export interface Ops {
  readonly sockets: OpsSockets;
  /** In an answer about this service; waits for nothing. */
  about(target: Target | undefined): ServiceOps;
  describe(service: string): Promise<OpsAnswer>;
  /** `path` as it was sent: a decoded one would be another. */
  pass(service: string, path: string, request: Request): Promise<Response>;
  /** The target of an upgrade, before anything is opened. */
  socketTarget(service: string): Promise<SocketRequest['target']>;
  announce(key: string, request: Request): Promise<Response>;
}

/** `announceKey` is the secret by which an app that we were started with tells us where it is; without it nobody can. */
export function createOps(targets: Targets, announceKey: string | undefined): Ops {
  const index = new OpsIndex();
  const find = async (service: string): Promise<Target> => {
    const target = await targets.find(service);
    if (target === undefined) throw new Refusal('no_ops_address');
    return target;
  };
  const about = (target: Target | undefined): ServiceOps => {
    const routes = target && index.peek(target);
    return {
      reachable: target !== undefined,
      token: target?.token !== undefined,
      ...(routes && { paths: [...new Set(routes.map(route => route.path))] }),
    };
  };
  return {
    sockets: createOpsSockets(index),
    about,
    async describe(service) {
      const target = await find(service);
      const routes = await index.routes(target);
      return { ...about(target), ...(routes && { routes }) };
    },
    pass: async (service, path, request) => askOps(await find(service), path, { request, index }),
    socketTarget: find,
    async announce(key, request) {
      if (announceKey === undefined || !isSame(key, announceKey)) throw new Refusal('not_found');
      const { service, target } = await readAnnouncement(request);
      if (!(await index.proves(target, service))) throw new Refusal('no_ops_there');
      targets.announce(service, target);
      return new Response(null, { status: 204 });
    },
  };
}

async function readAnnouncement(request: Request): Promise<{ service: string; target: Target }> {
  const length = Number(request.headers.get('content-length') ?? Number.NaN);
  if (!(length <= ANNOUNCEMENT_AT_MOST)) throw new Refusal('payload_too_large');
  const body = ((await request.json().catch(() => undefined)) ?? {}) as Record<string, unknown>;
  const { service, url, token } = body;
  if (typeof service !== 'string' || service === '') throw invalid('service');
  if (token !== undefined && (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)))
    throw invalid('token');
  if (typeof url !== 'string' || !Targets.isNear(url)) throw invalid('url');
  return { service, target: { url, ...(token && { token }) } };
}

const invalid = (field: string): Refusal =>
  new Refusal('validation_error', { errors: [{ field, code: 'invalid_value' }] });

function isSame(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}
