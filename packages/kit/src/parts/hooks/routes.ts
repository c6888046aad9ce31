import {
  type DeadLettersQuery,
  type DeliveriesQuery,
  deadLettersAnswer,
  deadLettersQuery,
  deliveriesAnswer,
  deliveriesQuery,
  type HookHistoryQuery,
  hookHistoryAnswer,
  hookHistoryQuery,
  hookOk,
  hookPluginsAnswer,
  hooksAnswer,
  hookTestAnswer,
  hookTestRequest,
  type ReplayRequest,
  type RotateRequest,
  webhookReplayAnswer,
  webhookReplayRequest,
  webhookRequest,
  webhookRotateRequest,
  webhooksAnswer,
} from '@plimsoll/wire/ops';
import { OpsError } from '../../base/ops-error.ts';
import type { Kit, OpsContext, Route } from '../../kernel/part.ts';
import type { Webhook, WebhookInput } from './gate.ts';
import { name } from './gate.ts';
import type { HooksSurface } from './part.ts';

const SHOWN_HISTORY = 15;
const TEST_EVENT = 'on_scene_enter';
/** A receiver has a day to learn its new secret, unless the call says otherwise. */
const KEEP_SECONDS = 86_400;

/** The hook bus over HTTP, under its prefix. */
export function hookRoutes(kit: Kit): readonly Route[] {
  const hooks = (): HooksSurface => {
    const surface = kit.read<HooksSurface>(name);
    if (surface === undefined) throw new OpsError('not_found');
    return surface;
  };
  const prefix = kit.config.get('hooks.prefix');
  return [
    ...busRoutes(hooks),
    ...webhookRoutes(hooks),
    ...oneWebhookRoutes(prefix, hooks),
    ...deliveryRoutes(hooks),
  ].map(route => ({
    ...route,
    path: prefix + route.path,
    access: 'local',
  }));
}

type Own = Omit<Route, 'access'>;

function busRoutes(hooks: () => HooksSurface): readonly Own[] {
  return [
    {
      method: 'GET',
      path: '',
      summary: 'The catalogue of hooks, the webhooks, and the last hooks',
      answer: hooksAnswer,
      handle: () => ({
        ok: true,
        hooks: hooks().catalogue(),
        webhooks: hooks().webhooks(),
        plugin_host: hooks().pluginHost,
        history: hooks().history(SHOWN_HISTORY),
      }),
    },
    {
      method: 'GET',
      path: '/history',
      summary: 'The last hooks, oldest first',
      query: hookHistoryQuery,
      answer: hookHistoryAnswer,
      handle: ({ search }) => ({ ok: true, items: hooks().history((search as HookHistoryQuery).limit) }),
    },
    {
      method: 'POST',
      path: '/test',
      summary: 'Raise a hook by hand',
      body: hookTestRequest,
      answer: hookTestAnswer,
      handle: c => raise(c, hooks()),
    },
    {
      method: 'GET',
      path: '/plugins',
      summary: 'The plugins, and what they did',
      answer: hookPluginsAnswer,
      handle: () => ({ ok: true, ...hooks().pluginHost, plugins: hooks().plugins() }),
    },
    {
      method: 'GET',
      path: '/ws',
      summary: 'The live stream: a WebSocket',
      answer: hookOk,
      handle: () => {
        throw new OpsError('upgrade_required', { headers: { upgrade: 'websocket', connection: 'upgrade' } });
      },
    },
  ];
}

async function raise({ body }: OpsContext, hooks: HooksSurface): Promise<unknown> {
  const { event = TEST_EVENT, payload = {} } = (body ?? {}) as { event?: unknown; payload?: unknown };
  if (typeof event !== 'string' || hooks.entry(event) === undefined) throw new OpsError('unsupported event');
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new OpsError('payload must be an object');
  hooks.emit(event, payload as Readonly<Record<string, unknown>>);
  await hooks.flushed();
  return { ok: true, event };
}

function webhookRoutes(hooks: () => HooksSurface): readonly Own[] {
  return [
    {
      method: 'GET',
      path: '/webhooks',
      summary: 'The webhooks, without their secrets',
      answer: webhooksAnswer,
      handle: () => ({ ok: true, webhooks: hooks().webhooks() }),
    },
    {
      method: 'POST',
      path: '/webhooks',
      summary: 'Add a webhook, or put it in place of the one with this event and URL',
      body: webhookRequest,
      answer: hookOk,
      handle: async ({ body }) => {
        const input = body as Partial<WebhookInput>;
        const fault = hooks().manage.faultOf(input);
        if (fault !== undefined) throw new OpsError(fault);
        await hooks().addWebhook({ ...(input as WebhookInput), ordered: input.ordered === true });
        return { ok: true };
      },
    },
    {
      method: 'DELETE',
      path: '/webhooks',
      summary: 'Remove a webhook, also one that is not there',
      body: webhookRequest,
      answer: hookOk,
      handle: async ({ body }) => {
        const { event, url } = body as { event?: unknown; url?: unknown };
        await hooks().removeWebhook({ event: String(event), url: String(url) });
        return { ok: true };
      },
    },
  ];
}

function oneWebhookRoutes(prefix: string, hooks: () => HooksSurface): readonly Own[] {
  const found = ({ params }: OpsContext): Webhook => {
    const webhook = hooks().manage.get(params['id'] ?? '');
    if (webhook === undefined)
      throw new OpsError('unknown_webhook', { hint: `GET ${prefix}/webhooks lists them.` });
    return webhook;
  };
  return [
    {
      method: 'POST',
      path: '/webhooks/:id/rotate',
      summary: 'Sign with a new secret, and for a while with the old one beside it',
      body: webhookRotateRequest,
      answer: hookOk,
      handle: async c => {
        const { id, event, url } = found(c);
        const { secret, keep_seconds = KEEP_SECONDS } = c.body as RotateRequest;
        const fault = hooks().manage.faultOf({ event, url, secret });
        if (fault !== undefined || secret === '') throw new OpsError(fault ?? 'webhook secret invalid');
        await hooks().manage.rotate(id, secret, keep_seconds * 1000);
        return { ok: true };
      },
    },
    {
      method: 'POST',
      path: '/webhooks/:id/enable',
      summary: 'Deliver again to a webhook whose receiver answered 410',
      answer: hookOk,
      handle: async c => {
        await hooks().manage.enable(found(c).id);
        return { ok: true };
      },
    },
  ];
}

function deliveryRoutes(hooks: () => HooksSurface): readonly Own[] {
  return [
    {
      method: 'GET',
      path: '/deliveries',
      summary: 'The last attempts to deliver, newest first',
      query: deliveriesQuery,
      answer: deliveriesAnswer,
      handle: ({ search }) => {
        const { webhook, limit } = search as DeliveriesQuery;
        return { ok: true, attempts: hooks().manage.attempts(webhook, limit) };
      },
    },
    {
      method: 'GET',
      path: '/dead-letters',
      summary: 'Deliveries that were given up, newest first',
      query: deadLettersQuery,
      answer: deadLettersAnswer,
      handle: ({ search }) => {
        const { webhook, limit } = search as DeadLettersQuery;
        return { ok: true, items: hooks().manage.deadLetters({ webhook }, limit) };
      },
    },
    {
      method: 'POST',
      path: '/dead-letters/replay',
      summary: 'Deliver dead letters again: some by id, those of a webhook or of a time, or all',
      body: webhookReplayRequest,
      answer: webhookReplayAnswer,
      handle: async ({ body }) => ({ ok: true, replayed: await hooks().replay(body as ReplayRequest) }),
    },
  ];
}
