import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  AllLimits,
  BudgetJob,
  BudgetSnapshot,
  Decision,
  JobAnnotation,
  JobDecision,
  JobInput,
  LimitChanges,
  PerfHints,
  PerfMetrics,
  Transition,
} from '@plimsoll/wire';
import { refuseOff } from '../../base/off.ts';
import type { Gate, Slot } from '../../config/gate.ts';

export type Sampler = () => Partial<PerfMetrics> | Promise<Partial<PerfMetrics>>;

export interface AssetInput {
  readonly asset_id: string;
  readonly size_mb: number;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
  /** In place of the handler for all. What it throws is logged, and the asset counts as unloaded. */
  readonly unload?: Unload;
}
export type Unload = (asset: {
  readonly asset_id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}) => unknown;
export interface BudgetAssets {
  register(asset: AssetInput): void;
  /** False for an asset that is not registered. */
  touch(assetId: string): boolean;
  /** Unloads what was not used for longest, until as many MB are free. */
  evict(targetMb: number): readonly { readonly asset_id: string; readonly size_mb: number }[];
  /** Called for an asset that has no `unload` of its own. */
  onUnload(unload: Unload): void;
}

export interface RunOptions {
  readonly perf?: PerfHints;
  /** Higher goes first; default 0. */
  readonly priority?: number;
  /** When it must have started: a moment, or milliseconds from now. */
  readonly deadline?: Date | number;
  /** Ends the wait; a job that runs is handed it. */
  readonly signal?: AbortSignal;
  /** Whose it is: of equal priority, keys take turns. */
  readonly key?: string;
  /** False: reject with `PLIMSOLL_BUDGET_OVER` where it would have to wait. */
  readonly wait?: boolean;
}

/** A request that is turned away. */
export interface Verdict extends Decision {
  readonly status: 503;
  readonly headers: Readonly<Record<string, string>>;
  /** problem+json. */
  body(): string;
  response(): Response;
}

export interface GuardOptions {
  /** Requests at once, whatever their latency says; default 1000. */
  readonly maxInFlight?: number;
  /** Requests at once that are always let in; default 4. */
  readonly minInFlight?: number;
  /** Milliseconds that a burst may wait for its turn of the event loop while there is time to spare; default 50. */
  readonly burstMs?: number;
  /** Paths that are never turned away; `/health` and what is below never are. */
  readonly except?: readonly string[];
}
type Next = () => void;
export interface HonoLike {
  readonly req: { readonly raw: Request };
}
export interface ReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
}
type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;
type Fetch<A extends unknown[]> = (request: Request, ...rest: A) => Response | Promise<Response>;

/** Turns requests away while there are more than can be served in time. Make it once, for one kind of work. */
export interface Guard {
  /** An `onRequest` hook. */
  readonly fastify: (request: { readonly raw: IncomingMessage }, reply: ReplyLike, done: Next) => void;
  readonly express: (req: IncomingMessage, res: ServerResponse, next: () => unknown) => unknown;
  readonly hono: (c: HonoLike, next: () => Promise<void>) => Promise<Response | undefined>;
  node(handler: Handler): Handler;
  fetch<A extends unknown[]>(handler: Fetch<A>): (request: Request, ...rest: A) => Promise<Response>;
}

export interface GuardCalls {
  fastify(guard: object, call: Parameters<Guard['fastify']>): void;
  /** Gives what `next` gives. */
  express(guard: object, call: Parameters<Guard['express']>): unknown;
  hono(guard: object, c: HonoLike, next: () => Promise<void>): Promise<Response | undefined>;
  fetch(guard: object, request: Request, next: () => Response | Promise<Response>): Promise<Response>;
}

/** What the part does; `Budgets` is this and the guards. */
export interface BudgetCalls {
  /**
   * Runs `fn` once the budgets allow it, and gives what it gives; while budgets are off it is just called. Rejects
   * with `PLIMSOLL_BUDGET_FULL`, `_OVER`, `_DEADLINE` or `_CANCELED` where it never started.
   */
  run<R>(
    name: string,
    options: RunOptions,
    fn: (signal: AbortSignal | undefined) => R,
  ): R | Promise<Awaited<R>>;
  /** Why a request should be turned away now, or undefined. It does not count the request; a guard does. */
  shed(): Verdict | undefined;
  /** For work that others start and end; throws PLIMSOLL_OFF, PLIMSOLL_BUDGET_INPUT, PLIMSOLL_BUDGET_FULL. */
  register(job: JobInput): JobDecision;
  /** Undefined for an id that is not known. */
  start(jobId: string): BudgetJob | undefined;
  finish(jobId: string, end?: { status?: string; reason?: string | null }): BudgetJob | undefined;
  /** Looks at delayed jobs again; empty within the evaluation interval. */
  refresh(): readonly Transition[];
  /** Registers the job and says what to add to the answer. */
  annotate(job: JobInput): JobAnnotation;
  /** The same for a job that is registered, after a refresh. */
  annotation(jobId: string): JobAnnotation;
  /** Changes limits, and keeps them; throws PLIMSOLL_BUDGET_INPUT and changes nothing where one is out of range. */
  apply(changes: LimitChanges): Promise<AllLimits>;
  /** Back to the limits of the options. */
  reset(): Promise<AllLimits>;
  /** Undefined while budgets are off. */
  snapshot(): BudgetSnapshot | undefined;
  readonly assets: BudgetAssets;
  /** Takes samples from here, beginning now; undefined is the machine's own again. */
  sampler(sampler: Sampler | undefined): Promise<void>;
  /** Takes a sample now. */
  sample(): Promise<void>;
  readonly guards: GuardCalls;
}
export type Budgets = Omit<BudgetCalls, 'guards'> & { guard(options?: GuardOptions): Guard };

const refuse = (): never => refuseOff('budgets');
const nothing = (): void => {};
const later = async (): Promise<void> => {};
const none = (): undefined => undefined;
const EMPTY = Object.freeze([]);
const NO_ANNOTATION = Object.freeze({});

const off: BudgetCalls = {
  run: (_name, options, fn) => fn(options.signal),
  ...{ shed: none, snapshot: none, sampler: later, sample: later },
  ...{ register: refuse, start: refuse, finish: refuse, apply: refuse, reset: refuse },
  refresh: () => EMPTY,
  annotate: () => NO_ANNOTATION,
  annotation: () => NO_ANNOTATION,
  assets: { register: nothing, touch: () => false, evict: () => EMPTY, onUnload: nothing },
  guards: {
    fastify: (_guard, [, , done]) => done(),
    express: (_guard, [, , next]) => next(),
    hono: async (_guard, _c, next) => void (await next()),
    fetch: async (_guard, _request, next) => next(),
  },
};

const BELOW = [
  ...['', '/apply', '/reset', '/jobs/register', '/jobs/start', '/jobs/finish', '/jobs/refresh'],
  ...['/assets/register', '/assets/touch', '/assets/evict'],
].map(path => `/budgets${path}`);

export const gate: Gate<BudgetCalls> = {
  name: 'budgets',
  on: (_config, flags) => flags.subsystem('budgets').enabled,
  paths: config => ['/health', ...BELOW].map(path => config.get('perf.prefix') + path),
  always: true,
  off,
};

export function budgetsOver(slot: Slot<BudgetCalls>): Budgets {
  return {
    run: (name, options, fn) => slot.impl.run(name, options, fn),
    shed: () => slot.impl.shed(),
    guard: (options = {}) => guardOver(slot, { options }),
    register: job => slot.impl.register(job),
    start: id => slot.impl.start(id),
    finish: (id, end) => slot.impl.finish(id, end),
    refresh: () => slot.impl.refresh(),
    annotate: job => slot.impl.annotate(job),
    annotation: id => slot.impl.annotation(id),
    apply: async changes => slot.impl.apply(changes),
    reset: async () => slot.impl.reset(),
    snapshot: () => slot.impl.snapshot(),
    assets: {
      register: asset => slot.impl.assets.register(asset),
      touch: id => slot.impl.assets.touch(id),
      evict: target => slot.impl.assets.evict(target),
      onUnload: unload => slot.impl.assets.onUnload(unload),
    },
    sampler: sampler => slot.impl.sampler(sampler),
    sample: () => slot.impl.sample(),
  };
}

export const offBudgets: Budgets = budgetsOver({ impl: off });

/** `guard` is its identity: what the part knows of it hangs on that, and begins anew with the part. */
function guardOver(slot: Slot<BudgetCalls>, guard: { readonly options: GuardOptions }): Guard {
  return {
    fastify: (...call) => slot.impl.guards.fastify(guard, call),
    express: (...call) => slot.impl.guards.express(guard, call),
    hono: (c, next) => slot.impl.guards.hono(guard, c, next),
    node: handler => (req, res) => slot.impl.guards.express(guard, [req, res, () => handler(req, res)]),
    fetch:
      handler =>
      (request, ...rest) =>
        slot.impl.guards.fetch(guard, request, () => handler(request, ...rest)),
  };
}
