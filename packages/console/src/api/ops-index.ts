import type { OpsRoute } from '@plimsoll/wire';
import { type Asked, askTarget } from './ops-ask.ts';
import type { Target } from './targets.ts';

/** Each look with a token is a line in the service's audit log, so what is known is asked again seldom. */
const KNOWN_MS = 300_000;
const UNKNOWN_MS = 30_000;
/** A path that is not listed may be new. */
const NEW_MS = 5000;
const TIMEOUT_MS = 5000;
const ANSWER_AT_MOST = 4 * 1024 * 1024;
const TARGETS_AT_MOST = 256;
const ROUTES_AT_MOST = 2000;
const METHODS = new Set(['get', 'head', 'post', 'put', 'patch', 'delete']);

interface Known {
  readonly routes: readonly OpsRoute[] | undefined;
  readonly service: string | undefined;
  readonly patterns: readonly RegExp[];
  readonly at: number;
}

/** The routes that a service's ops API lists in `/ops/`, else in `/openapi.json`; remembered for minutes. */
export class OpsIndex {
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Known>>();

  /** Undefined where it lists none, as without a token. */
  async routes(target: Target): Promise<readonly OpsRoute[] | undefined> {
    return (await this.#look(target)).routes;
  }

  /** What was listed last, without waiting; asks again in the background. */
  peek(target: Target): readonly OpsRoute[] | undefined {
    const known = this.#known.get(keyOf(target));
    if (known === undefined || isStale(known)) this.#ask(target).catch(() => {});
    return known?.routes;
  }

  /** Whether the ops API of this service is at the target now. */
  async proves(target: Target, service: string): Promise<boolean> {
    const known = await this.#ask(target);
    return known.routes !== undefined && known.service === service;
  }

  /**
   * Whether this path is one of the ops API. Where a service lists its routes, these are; where it does not, what every
   * ops API has, and `api/`.
   */
  async allows(target: Target, path: string): Promise<boolean> {
    if (CORE.test(path)) return true;
    const known = await this.#look(target);
    if (lists(known, path)) return true;
    return ageOf(known) > NEW_MS && lists(await this.#ask(target), path);
  }

  /** A socket's path is listed, or stands beside one that is: an upgrade is no route. */
  async allowsSocket(target: Target, path: string): Promise<boolean> {
    if (await this.allows(target, path)) return true;
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const { routes } = await this.#look(target);
    return folder.split('/').length > 3 && (routes ?? []).some(route => `${route.path}/`.startsWith(folder));
  }

  async #look(target: Target): Promise<Known> {
    const known = this.#known.get(keyOf(target));
    return known !== undefined && !isStale(known) ? known : this.#ask(target);
  }

  #ask(target: Target): Promise<Known> {
    const key = keyOf(target);
    const running = this.#asking.get(key);
    if (running) return running;
    const asking = listed(target)
      .then(found => {
        this.#known.delete(key);
        this.#known.set(key, found);
        if (this.#known.size > TARGETS_AT_MOST) this.#known.delete(this.#known.keys().next().value!);
        return found;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }
}

const CORE = /^\/(?:health(?:\/|$)|metrics$|ops(?:\/|$)|openapi\.json$)/;
const keyOf = ({ url, token = '' }: Target): string => `${url}\n${token}`;
const ageOf = ({ at }: Known): number => performance.now() - at;
const isStale = (known: Known): boolean => ageOf(known) > (known.routes ? KNOWN_MS : UNKNOWN_MS);

function lists({ routes, patterns }: Known, path: string): boolean {
  return routes === undefined ? path.startsWith('/api/') : patterns.some(one => one.test(path));
}

async function listed(target: Target): Promise<Known> {
  const index = record(await json(target, '/ops/'));
  const own = Array.isArray(index['routes']) ? index['routes'].flatMap(routeOf) : undefined;
  const routes = (own ?? described(record(await json(target, '/openapi.json'))))?.slice(0, ROUTES_AT_MOST);
  return {
    routes,
    service: typeof index['service'] === 'string' ? index['service'] : undefined,
    patterns: [...new Set((routes ?? []).map(route => route.path))].map(patternOf),
    at: performance.now(),
  };
}

async function json(target: Target, path: string): Promise<unknown> {
  const asked: Asked = { path, search: '', method: 'GET', timeoutMs: TIMEOUT_MS, atMost: ANSWER_AT_MOST };
  try {
    const response = await askTarget(target, asked);
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function routeOf(given: unknown): readonly OpsRoute[] {
  const { method, path, access, summary } = record(given);
  if (typeof method !== 'string' || typeof path !== 'string' || !path.startsWith('/')) return [];
  return [
    {
      method,
      path,
      ...(typeof access === 'string' && { access }),
      ...(typeof summary === 'string' && { summary }),
    },
  ];
}

/** OpenAPI's paths, whose parameters are in braces. */
function described({ paths }: Readonly<Record<string, unknown>>): readonly OpsRoute[] | undefined {
  if (typeof paths !== 'object' || paths === null) return undefined;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(record(methods)).flatMap(([method, operation]) =>
      METHODS.has(method)
        ? routeOf({
            ...{ method: method.toUpperCase(), path: path.replace(/\{(\w+)\}/g, ':$1') },
            summary: record(operation)['summary'],
          })
        : [],
    ),
  );
}

/** `:name` is one segment, `*` at the end is all the rest. */
function patternOf(path: string): RegExp {
  const segments = path.split('/').map((part, i, all) => {
    if (part.startsWith(':')) return '[^/]+';
    if (part === '*' && i === all.length - 1) return '.*';
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${segments.join('/')}$`);
}
