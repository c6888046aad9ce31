import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RouteHandles } from '../exchange/handles.ts';
import type { Exchanges } from '../exchange.ts';

/** The slices of Express 5 and its router that are read here; both are handed in, never imported. */
export interface Route {
  readonly path: string | RegExp | readonly (string | RegExp)[];
}
interface Layer {
  readonly route?: Route;
  readonly handle: { readonly name: string; readonly stack?: readonly Layer[]; readonly router?: Router };
  /** As it was registered (router 2.3 and newer); a mount without it has no template. */
  readonly rawPath?: Route['path'];
  readonly matchers?: readonly ((path: string) => { readonly path: string } | false)[];
  readonly slash?: boolean;
}
export interface Router {
  readonly stack: readonly Layer[];
}
export interface ExpressApp {
  readonly router: Router;
  readonly parent?: ExpressApp;
  readonly mountpath?: unknown;
}
export interface ExpressRequest extends IncomingMessage {
  readonly route?: Route;
  readonly app?: ExpressApp;
  readonly originalUrl?: string;
}

interface Step {
  readonly text: string;
  match(path: string): { readonly path: string } | false;
}
type Chain = readonly Step[];
interface Located {
  readonly app: ExpressApp | undefined;
  readonly ways: readonly { readonly chain: Chain; readonly handles: RouteHandles }[];
}

/** Deeper than any sane app; it ends a router that is mounted in itself. */
const MAX_DEPTH = 12;
const MAX_WAYS = 64;
const ANY = '/*';

/**
 * Finds the template of an answer from the router stack: the route's own path after those of its mounts. The ways
 * to a route are searched once; where there is one, which is nearly always, a request pays a lookup. Where a router
 * hangs in several places, the request's path says which.
 */
export function expressRoutes({ table }: Exchanges, root: ExpressApp | undefined) {
  const known = new WeakMap<Route, Located>();
  const locate = (route: Route, app: ExpressApp | undefined): Located => {
    const chains = waysTo(route, app ?? root, root).slice(0, MAX_WAYS);
    const ways = chains.map(chain => ({ chain, handles: table.route(template(chain)) }));
    const located = { app, ways };
    known.set(route, located);
    return located;
  };
  return (answer: unknown): RouteHandles | undefined => {
    const { route, app, originalUrl } = (answer as ServerResponse).req as ExpressRequest;
    if (route === undefined) return undefined;
    try {
      let located = known.get(route);
      if (located === undefined || located.app !== app) located = locate(route, app);
      const { ways } = located;
      if (ways.length === 1) return ways[0]?.handles;
      const path = (originalUrl ?? '/').split('?', 1)[0] as string;
      return (ways.find(way => follows(way.chain, path)) ?? ways[0])?.handles;
    } catch {
      // A router that is not as expected leaves the request without a route, and the process alive.
      return undefined;
    }
  };
}

function waysTo(route: Route, app: ExpressApp | undefined, root: ExpressApp | undefined): readonly Chain[] {
  const below = app === undefined ? [] : find(app.router.stack, layer => layer.route === route);
  // A router that something calls by hand is in no stack.
  if (app === undefined || below.length === 0) {
    return [route.path].flat().map(path => [anywhere, { text: textOf(path), match: () => false }]);
  }
  return joined(waysToApp(app, root, 0), below);
}

function waysToApp(app: ExpressApp, root: ExpressApp | undefined, depth: number): readonly Chain[] {
  const { parent, mountpath } = app;
  if (depth > MAX_DEPTH) return [[]];
  if (parent !== undefined) {
    // Express keeps no link from the layer to the app behind it: the likeliest first, the path decides.
    const mounts = find(parent.router.stack, layer => layer.handle.name === 'mounted_app');
    const likely = mounts.filter(chain => chain.at(-1)?.text === mountpath);
    const others = mounts.filter(chain => !likely.includes(chain));
    return joined(waysToApp(parent, root, depth + 1), [...likely, ...others]);
  }
  if (root === undefined || app === root) return [[]];
  const mounts = find(root.router.stack, layer => (layer.handle as unknown) === app);
  return mounts.length > 0 ? mounts : [[anywhere]];
}

function find(
  stack: readonly Layer[],
  isTarget: (layer: Layer) => boolean,
  depth = 0,
): readonly (readonly Step[])[] {
  if (depth > MAX_DEPTH) return [];
  return stack.flatMap(layer => {
    if (isTarget(layer)) return stepsOf(layer).map(step => [step]);
    const inner = layer.route === undefined ? (layer.handle.stack ?? layer.handle.router?.stack) : undefined;
    if (inner === undefined) return [];
    const rest = find(inner, isTarget, depth + 1);
    return rest.length === 0
      ? []
      : joined(
          stepsOf(layer).map(step => [step]),
          rest,
        );
  });
}

function joined(heads: readonly Chain[], tails: readonly Chain[]): Chain[] {
  return heads.flatMap(head => tails.map(tail => [...head, ...tail]));
}

function stepsOf(layer: Layer): readonly Step[] {
  if (layer.slash) return [{ text: '/', match: () => ({ path: '' }) }];
  return [layer.rawPath].flat().map((path, at) => ({
    text: textOf(path as string | RegExp | undefined),
    match: layer.matchers?.[at] ?? (() => false),
  }));
}

const anywhere: Step = { text: ANY, match: () => false };

/** A pattern as it was written; an expression has no template, and its source reads like none. */
function textOf(path: string | RegExp | undefined): string {
  return typeof path === 'string' ? path : ANY;
}

function template(chain: Chain): string {
  const text = chain
    .map(step => step.text.replace(/^\/+|\/+$/g, ''))
    .filter(part => part !== '')
    .join('/');
  return `/${text}`;
}

function follows(chain: Chain, path: string): boolean {
  let rest = path;
  for (const step of chain) {
    const match = step.match(rest);
    if (match === false) return false;
    rest = rest.slice(match.path.length);
    if (!rest.startsWith('/')) rest = `/${rest}`;
  }
  return true;
}
