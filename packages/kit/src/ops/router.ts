import type { Jobs } from '../kernel/job.ts';
import type { KitCore } from '../kernel/kit.ts';
import type { Peer, Upgrade } from '../kernel/part.ts';
import type { Served } from './app.ts';
import { coreGroups } from './groups.ts';

export interface OpsOptions {
  /** Whose jobs `job` registers, so that `obs.job` and `obs.ops.job` share one list of names. */
  readonly jobs: Jobs;
}

export interface JobRouteOptions {
  /** Default `/ops/NAME`. */
  readonly path?: string;
  /** The code of the 500 answer; default `NAME_failed`. */
  readonly failed?: string;
}

/** A WebSocket handshake as node:http hands it over, and what the rules of access look at. */
export interface Handshake extends Omit<Upgrade, 'admin'> {
  readonly web: Request;
  readonly peer: Peer;
}

/** The ops API as the adapters see it. Nothing but this file and the path table is loaded before the first request. */
export interface Ops {
  /** True where the ops API answers this path (without query). Synchronous, because every request asks. */
  owns(path: string): boolean;
  /** The answer, or undefined for a path that is not owned. It rejects only where the API's code can't be loaded. */
  handle(request: Request, peer: Peer): Promise<Response | undefined>;
  /** True where a WebSocket handshake at this path is the ops API's. */
  upgrades(path: string): boolean;
  /** Answers a handshake at such a path, by the same rules of access. Never rejects. */
  upgrade(handshake: Handshake): Promise<void>;
  /** `obs.job` with a route: POST runs it; 200 `{status:'ok'}`, or 500 problem+json. Admin token required. */
  job<A extends unknown[], R>(
    name: string,
    fn: (...args: A) => R,
    options?: JobRouteOptions,
  ): (...args: A) => Promise<Awaited<R>>;
}

/** Registers the core route groups with the kit; with `ops.enabled` false it owns nothing. */
export function createOps(kit: KitCore, { jobs }: OpsOptions): Ops {
  const enabled = kit.config.get('ops.enabled');
  if (enabled) for (const group of coreGroups(kit)) kit.routes(group);
  if (enabled && kit.config.get('metrics.public') && !kit.config.development) {
    const hint = 'Unset OBS_METRICS_PUBLIC, and give the scraper the admin token.';
    kit.log.named('plimsoll.ops').warn({ hint }, 'metrics_public_refused_outside_development');
  }
  const owned = new OwnedPaths(kit);
  let serve: Promise<Served> | undefined;

  const load = () => {
    serve ??= import('./app.ts')
      .then(({ createApp }) => createApp(kit))
      .catch(error => {
        serve = undefined;
        throw error;
      });
    return serve;
  };
  return {
    owns: path => enabled && owned.has(path),
    async handle(request, peer) {
      if (!enabled || !owned.has(new URL(request.url).pathname)) return undefined;
      return (await load()).fetch(request, peer);
    },
    upgrades: path => enabled && kit.core.upgrades.has(path),
    upgrade: handshake => shakeHands(kit, handshake, load),
    job(name, fn, { path = `/ops/${name}`, failed = `${name}_failed` } = {}) {
      const run = jobs.job(name, fn);
      kit.routes({
        name: `job ${name}`,
        paths: [path],
        load: async () =>
          (await import('./core.ts')).jobRoutes({ name, path, failed, run: run as () => Promise<unknown> }),
      });
      return run;
    },
  };
}

async function shakeHands(kit: KitCore, handshake: Handshake, load: () => Promise<Served>): Promise<void> {
  const { socket, web } = handshake;
  socket.on('error', () => socket.destroy());
  try {
    const handler = kit.core.upgrades.get(new URL(web.url).pathname);
    if (handler === undefined) socket.destroy();
    else await (await load()).upgrade(handshake, handler);
  } catch (error) {
    kit.log.named('plimsoll.ops').error({ err: error }, 'ops_upgrade_failed');
    socket.destroy();
  }
}

/** The paths of all route groups, rebuilt when a group comes or goes. */
class OwnedPaths {
  readonly #kit: KitCore;
  #version = -1;
  /** Character codes after the first slash: most requests of an app are told apart by this alone, unhashed. */
  readonly #initials = new Uint8Array(128);
  #exact: ReadonlySet<string> = new Set();
  #patterns: readonly RegExp[] = [];

  constructor(kit: KitCore) {
    this.#kit = kit;
  }

  has(path: string): boolean {
    if (this.#version !== this.#kit.core.groupsVersion()) this.#rebuild();
    if (this.#initials[path.charCodeAt(1) & 127] === 0) return false;
    return this.#exact.has(path) || this.#patterns.some(pattern => pattern.test(path));
  }

  #rebuild(): void {
    const paths = this.#kit.core.groups().flatMap(group => group.paths);
    this.#version = this.#kit.core.groupsVersion();
    this.#initials.fill(paths.some(path => path.startsWith('/:')) ? 1 : 0);
    for (const path of paths) this.#initials[path.charCodeAt(1) & 127] = 1;
    this.#exact = new Set(paths.filter(path => !path.includes('/:')));
    this.#patterns = paths.filter(path => path.includes('/:')).map(toPattern);
  }
}

function toPattern(path: string): RegExp {
  const segments = path
    .split('/')
    .map(part => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}$`);
}
