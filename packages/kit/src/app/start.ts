import { type ClientIp, type Exchange, Exchanges } from '../adapters/exchange.ts';
import { type NodeHandler, nodeHandler } from '../adapters/node.ts';
import type { Config, InitOptions, LoadInput } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import { createKit } from '../kernel/create-kit.ts';
import { createJobs } from '../kernel/job.ts';
import type { KitCore } from '../kernel/kit.ts';
import type { Carrier } from '../signals/trace/types.ts';
import { attach } from './attach.ts';
import { exitPart } from './exit.ts';
import { listenOps } from './listen.ts';
import type { Obs } from './obs.ts';
import { PARTS } from './table.ts';

export interface StartInput {
  readonly app: object | undefined;
  readonly code: InitOptions | undefined;
  readonly preread: LoadInput['preread'];
}

/** `init` of a service that is on: config, kit, parts, app, in this order. */
export async function start({ app, code, preread }: StartInput): Promise<Obs> {
  const config = loadConfig({ ...(code && { code }), ...(preread && { preread }) });
  const kit = createKit({ config });
  await kit.use(exitPart);
  for (const row of PARTS) if (row.when(config)) await kit.use(await row.load());
  reportConfig(kit, config);

  const exchanges = new Exchanges(kit, await loadClientIp(config));
  const jobs = createJobs(kit);
  const { createOps } = await import('../ops/router.ts');
  const ops = createOps(kit, { jobs });
  const ownPort = config.get('ops.port') !== undefined;
  const onApp = ownPort ? undefined : ops;
  const obs: Obs = Object.assign(Object.create(null), bound(kit), {
    enabled: true,
    ops,
    job: jobs.job,
    handler: (fn: NodeHandler) => nodeHandler(exchanges, onApp, fn),
    route: (template: string) => nameRoute(kit, exchanges, template),
    attach: (target: object) => attach(target, { exchanges, ops: onApp }),
    inject: (carrier: Carrier) => kit.trace.inject(carrier),
    extract: (carrier: Carrier) => kit.trace.extract(carrier),
  });

  if (app !== undefined) await obs.attach(app);
  if (ownPort) await kit.use(listenOps(ops));
  await kit.health.start();
  setDefault(obs);
  return obs;
}

/** The kit's members as plain properties: users destructure them. */
function bound(kit: KitCore): KitCore {
  const { config, flags, clock, log, metrics, trace, health, context, privacy, core } = kit;
  const { emit, on, onBytes, onLine, routes, expose, read, flushSync, use, close } = kit;
  return {
    ...{ config, flags, clock, log, metrics, trace, health, context, privacy, core },
    ...{ emit, on, onBytes, onLine, routes, expose, read, flushSync, use, close },
  };
}

async function loadClientIp(config: Config): Promise<ClientIp | undefined> {
  if (!config.get('log.ip')) return undefined;
  const { clientIp } = await import('../adapters/client-ip.ts');
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

/** The facade's default is the first kit of the process: the one piece of state that is shared. */
function setDefault(obs: Obs): void {
  const holder = globalThis as { [DEFAULT]?: Obs };
  if (holder[DEFAULT] !== undefined) return;
  holder[DEFAULT] = obs;
}
const DEFAULT = Symbol.for('plimsoll.default');
