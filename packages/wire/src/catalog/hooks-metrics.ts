import type { MetricRow } from './metrics.ts';

export const HOOK_EVENTS = {
  name: 'plimsoll_hooks_events_total',
  type: 'counter',
  help: 'Hooks raised, by name; other stands for names that the catalogue does not have',
  labels: ['event'],
  own: true,
} as const satisfies MetricRow;

export const HOOK_FAILURES = {
  name: 'plimsoll_hooks_failures_total',
  type: 'counter',
  help: 'Listeners, plugins and sinks of the hook bus that failed',
  labels: ['who'],
  own: true,
} as const satisfies MetricRow;

export const HOOK_CLIENTS = {
  name: 'plimsoll_hooks_stream_clients',
  type: 'gauge',
  help: 'Clients of the hook stream',
  labels: [],
  own: true,
} as const satisfies MetricRow;

export const HOOK_OVERFLOW = {
  name: 'plimsoll_hooks_stream_overflow_total',
  type: 'counter',
  help: 'Hooks that slow clients of the stream missed, each told so',
  labels: [],
  own: true,
} as const satisfies MetricRow;

export const WEBHOOK_ATTEMPTS = {
  name: 'plimsoll_webhook_attempts_total',
  type: 'counter',
  help: 'Attempts to deliver a webhook, by outcome',
  labels: ['result'],
  own: true,
} as const satisfies MetricRow;

export const WEBHOOK_DEAD = {
  name: 'plimsoll_webhook_dead_total',
  type: 'counter',
  help: 'Webhook deliveries that were given up, by reason; a dead letter of each is kept',
  labels: ['reason'],
  own: true,
} as const satisfies MetricRow;
