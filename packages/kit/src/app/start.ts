import { type ClientIp, type Exchange, Exchanges } from '../adapters/exchange.ts';
import { type FetchHandler, type FetchOptions, fetchHandler } from '../adapters/fetch.ts';
import { type NodeHandler, nodeHandler } from '../adapters/node.ts';
import type { Config, InitOptions, LoadInput } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import { createKit } from '../kernel/create-kit.ts';
import { createJobs } from '../kernel/job.ts';
import type { KitCore } from '../kernel/kit.ts';
import type { Part } from '../kernel/part.ts';
import { DEFAULT, name as FACADE, type Recorder, shared } from '../parts/facade/gate.ts';
import { keepTickShape } from '../signals/context/tick-shape.ts';
import type { Carrier } from '../signals/trace/types.ts';
import { attach } from './attach.ts';
import { drainPart } from './drain.ts';
import { exitPart } from './exit.ts';
import { flagEvents } from './flag-events.ts';
import { gatedParts } from './gated.ts';
import { listenOps } from './listen.ts';
import type { Obs } from './obs.ts';
import { HeldExchanges, observeServers, type Routes } from './observe.ts';
import { otelOf } from './otel-api.ts';
import { followFlags } from './switch.ts';
import { PARTS } from './table.ts';
import { Upgrades } from './upgrades.ts';

export interface StartInput {
  readonly app: object | undefined;
  readonly code: InitOptions | undefined;
  readonly preread: LoadInput['preread'];
}

/** What can be there at once: with it a request is observed in full; its sinks follow. */
interface Core<E extends Exchanges = Exchanges> {
  readonly config: Config;
  readonly kit: KitCore;
  readonly exchanges: E;
}

/** `init` of a service that is on: config, kit, parts, app, in this order. */
export async function start({ app, code, preread }: StartInput): Promise<Obs> {
  const core = prepare({ code, preread });
  try {
    return await complete(core, app);
  } catch (error) {
    // Whoever catches this goes on without us, and so without our timers and listeners.
    await core.kit.close().catch(() => {});
    throw error;
  }
}

/** `plimsoll/register`: when this returns, requests are observed; the promise is for what they feed. */
export function observeProcess(preread: StartInput['preread']): Promise<Obs> {
  const { kit, config, exchanges } = prepare({ code: undefined, preread }, made => new HeldExchanges(made));
  const routes: Routes = { find: undefined };
  // `use` runs the setup before it returns.
  const used = kit.use(observeServers(exchanges, routes));
  const follow = async (): Promise<Obs> => {
    try {
      await used;
      const { expressRoutes } = await import('../adapters/express.ts');
      routes.find = expressRoutes(exchanges, undefined);
      return await complete({ kit, config, exchanges });
    } finally {
      exchanges.release();
    }
  };
  return follow();
}

function prepare<E extends Exchanges = Exchanges>(
  { code, preread }: Omit<StartInput, 'app'>,
  make: (kit: KitCore) => E = kit => new Exchanges(kit) as E,
): Core<E> {
  const config = loadConfig({ ...(code && { code }), ...(preread && { preread }) });
  keepTickShape();
  const kit = createKit({ config });
  return { config, kit, exchanges: make(kit) };
}

async function complete({ config, kit, exchanges }: Core, app?: object): Promise<Obs> {
  await kit.use(config.get('drain.enabled') ? drainPart(kit) : exitPart);
  for (const row of PARTS) if (row.when(config)) await kit.use(await row.load());
  reportConfig(kit, config);

  exchanges.clientIp = await loadClientIp(config);
  const jobs = createJobs(kit);
  const { createOps } = await import('../ops/router.ts');
  const ops = createOps(kit, { jobs });
  const ownPort = config.get('ops.port') !== undefined;
  const onApp = ownPort ? undefined : ops;
  await learnAddress(kit, ownPort);
  const listening = new Set<string>();
  const upgrades = onApp === undefined ? undefined : new Upgrades(kit, onApp);
  if (upgrades !== undefined) await kit.use(upgrades);
  const { switches, members } = gatedParts(kit);
  const obs: Obs = Object.assign(Object.create(null), bound(kit), members, {
    enabled: true,
    ops,
    job: jobs.job,
    handler: (fn: NodeHandler) => nodeHandler(exchanges, onApp, fn),
    fetch: <A extends unknown[]>(fn: FetchHandler<A>, options?: FetchOptions) =>
      fetchHandler(exchanges, onApp, { ...options, fn }),
    route: (template: string) => nameRoute(kit, exchanges, template),
    attach: (target: object) => attach(target, { exchanges, ops: onApp, listening, upgrades }),
    otel: otelOf(kit),
    inject: (carrier: Carrier) => kit.trace.inject(carrier),
    extract: (carrier: Carrier) => kit.trace.extract(carrier),
  });

  await kit.use(followFlags(switches));
  await kit.use(flagEvents);
  if (app !== undefined) await obs.attach(app);
  if (ownPort) await kit.use(listenOps(ops));
  await kit.health.start();
  await kit.use(setDefault(obs));
  return obs;
}

/** The kit's members as plain properties: users destructure them. */
function bound(kit: KitCore): KitCore {
  const { config, flags, clock, log, metrics, trace, health, context, privacy, core } = kit;
  const { emit, on, onBytes, onLine, routes, upgrade, expose, read, flushSync, use, close } = kit;
  return {
    ...{ config, flags, clock, log, metrics, trace, health, context, privacy, core },
    ...{ emit, on, onBytes, onLine, routes, upgrade, expose, read, flushSync, use, close },
  };
}

/** A console on this machine asks the ops API; in production nobody looks for it from here. */
async function learnAddress(kit: KitCore, ownPort: boolean): Promise<void> {
  const { config } = kit;
  if (!config.get('ops.enabled') || !(config.development || config.get('ops.announce'))) return;
  const { addressPart } = await import('./address.ts');
  await kit.use(addressPart({ ownPort }));
}

async function loadClientIp(config: Config): Promise<ClientIp | undefined> {
  if (!config.get('log.ip')) return undefined;
  const { clientIp } = await import('../adapters/exchange/client-ip.ts');
  return clientIp(config.get('http.trustedProxies'));
}

function nameRoute(kit: KitCore, exchanges: Exchanges, template: string): void {
  const root = (kit.context.current() as { root?: Exchange } | undefined)?.root;
  if (root !== undefined && 'handles' in root) exchanges.route(root, exchanges.table.route(template));
}

/** What is wrong with the config, once, where an operator looks first; values are never shown. */
function reportConfig(kit: KitCore, config: Config): void {
  const log = kit.log.named('plimsoll');
  for (const { field, code, message } of config.findings)
    log.error({ field, code, reason: message }, 'config_error');
  for (const { field, code, message } of config.warnings)
    log.warn({ field, code, reason: message }, 'config_warning');
}

/** The facade's default is the first kit of the process, until it closes: the one piece of state that is shared. */
function setDefault(obs: Obs): Part {
  const holder = globalThis as { [DEFAULT]?: Obs };
  return {
    name: 'default',
    setup() {
      if (holder[DEFAULT] !== undefined) return;
      holder[DEFAULT] = obs;
      shared.recorder = obs.read<Recorder>(FACADE);
      return () => {
        if (holder[DEFAULT] !== obs) return;
        delete holder[DEFAULT];
        shared.recorder = undefined;
      };
    },
  };
}
