import { resolve } from 'node:path';
import type { HookEnvelope } from '@plimsoll/wire';
import type { Kit, Part, Teardown, Upgrade } from '../../kernel/part.ts';
import { type EventBus, PORTS } from '../../kernel/ports.ts';
import { Bus } from './bus.ts';
import { Catalogue } from './catalogue.ts';
import {
  type HookEntry,
  type HookRegistry,
  type HooksImpl,
  name,
  REGISTRY,
  HookRegistry as Registry,
} from './gate.ts';
import { History } from './history.ts';
import type { Plugins } from './plugins/plugins.ts';
import type { Stream } from './stream/stream.ts';
import { openWebhooks, type Webhooks } from './webhooks/webhooks.ts';

export type { PluginState } from './plugins/plugin.ts';
export type { Attempt } from './webhooks/post.ts';
export type { DeadLetter, WebhookFault } from './webhooks/webhooks.ts';

/** What the routes need beyond `obs.hooks`. */
export interface HooksSurface extends HooksImpl {
  readonly manage: Webhooks;
  readonly pluginHost: { readonly enabled: boolean; readonly root: string };
  entry(name: string): HookEntry | undefined;
  plugins(): ReturnType<Plugins['view']>;
}

/** Raises hooks, and takes them to history, stream, webhooks and plugins. */
export const hooks: Part = { name, setup };

async function setup(kit: Kit): Promise<Teardown> {
  const { config } = kit;
  const registry = kit.read<HookRegistry>(REGISTRY) ?? new Registry();
  const catalogue = new Catalogue(registry, config.get('hooks.topicPrefix'));
  const history = new History(config.get('hooks.history'));
  const bus = new Bus(kit, { catalogue, registry, history });
  reportUnknown(kit, catalogue, registry);
  const webhooks = await openWebhooks(kit, catalogue);
  const plugins = config.get('hooks.devMode') ? await openPlugins(kit, bus) : undefined;
  if (plugins !== undefined) bus.sinks.push(plugins);
  bus.sinks.push(webhooks);
  const stopStream = openStream(kit, bus, { catalogue, history });
  const surface = surfaceOf({ kit, bus, catalogue, history, webhooks, plugins });
  const undo: Teardown[] = [
    stopStream,
    () => plugins?.close(),
    webhooks.close,
    kit.flushSync(() => webhooks.flushSync()),
    kit.expose(name, () => surface),
    kit.expose(PORTS.events, (): EventBus => ({ emit: (event, data) => bus.emit(event, data) })),
  ];
  return async () => {
    for (const stop of undo.reverse()) await stop();
  };
}

/** What was listened to while nobody knew the catalogue. */
function reportUnknown(kit: Kit, catalogue: Catalogue, registry: HookRegistry): void {
  for (const event of registry.listeners.keys())
    if (catalogue.get(event) === undefined)
      kit.log.named('plimsoll.hooks').warn({ event }, 'hook_listener_unknown');
}

async function openPlugins(kit: Kit, bus: Bus): Promise<Plugins> {
  const { Plugins: Loaded } = await import('./plugins/plugins.ts');
  const root = resolve(kit.config.base, kit.config.get('hooks.pluginRoot'));
  const opened = new Loaded(kit, root, (who, error, fields) => bus.failed(who, error, fields));
  await opened.ready();
  return opened;
}

/** `ws` is loaded with the first client. */
function openStream(kit: Kit, bus: Bus, parts: { catalogue: Catalogue; history: History }): Teardown {
  let stream: Stream | undefined;
  let loading: Promise<Stream> | undefined;
  let closed = false;
  const load = async (): Promise<Stream> => {
    const { Stream: Loaded } = await import('./stream/stream.ts');
    stream = new Loaded(kit, parts);
    if (closed) stream.close();
    else bus.sinks.push(stream);
    return stream;
  };
  const stop = kit.upgrade(`${kit.config.get('hooks.prefix')}/ws`, {
    access: 'local',
    async accept(upgrade: Upgrade) {
      loading ??= load();
      (await loading).accept(upgrade);
    },
    drain: () => stream?.drain(),
  });
  return () => {
    closed = true;
    void stop();
    stream?.close();
  };
}

interface Pieces {
  readonly kit: Kit;
  readonly bus: Bus;
  readonly catalogue: Catalogue;
  readonly history: History;
  readonly webhooks: Webhooks;
  readonly plugins: Plugins | undefined;
}

function surfaceOf({ kit, bus, catalogue, history, webhooks, plugins }: Pieces): HooksSurface {
  return {
    emit: (event, data) => bus.emit(event, data),
    assertKnown: event => catalogue.assertKnown(event),
    assertFree: event => catalogue.assertFree(event),
    catalogue: () => catalogue.entries(),
    entry: event => catalogue.entries().find(entry => entry.name === event),
    history: (limit = kit.config.get('hooks.history')): readonly HookEnvelope[] => history.last(limit),
    flushed: () => webhooks.flushed(),
    webhooks: () => webhooks.list(),
    addWebhook: input => webhooks.add(input),
    removeWebhook: which => webhooks.remove(which),
    replay: filter => webhooks.replay(filter),
    manage: webhooks,
    pluginHost: { enabled: plugins !== undefined, root: kit.config.get('hooks.pluginRoot') },
    plugins: () => plugins?.view() ?? [],
  };
}
