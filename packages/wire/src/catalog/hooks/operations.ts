import type { HookRow } from './row.ts';

const timestamp = { type: 'number', about: 'When it happened, seconds since the Unix epoch' } as const;
const project_id = { type: 'text', about: 'Project', expose: true } as const;
const perf = {
  trigger: { type: 'text', about: 'What made it happen, such as job.started' },
  // The name says nothing here; everything in it is judged by its own name, and every id is hashed.
  payload: { type: 'map', about: 'What the part says about it', expose: true },
  timestamp,
} as const;

/** What the process, its flags, its policies and its exports do. */
export const OPERATION_HOOKS = [
  {
    name: 'on_perf_budget_state',
    description: 'A job or a limit of the load budgets changed',
    ids: 'hash',
    payload: perf,
  },
  {
    name: 'on_perf_profiler_snapshot',
    description: 'The profiler took a mark or finished a span',
    ids: 'hash',
    payload: perf,
  },
  {
    name: 'on_flag_changed',
    description: 'Feature flags changed',
    payload: {
      changed: { type: 'list', about: 'Names of the flags that changed' },
      flags: { type: 'map', about: 'All flags, after the change' },
      timestamp,
    },
  },
  {
    name: 'on_policy_enforced',
    description: 'A policy was applied to an action',
    ids: 'hash',
    payload: {
      action: { type: 'text', about: 'What was to be done' },
      allow: { type: 'boolean', about: 'It was allowed' },
      counts: { type: 'map', about: 'Findings by severity' },
      timestamp,
    },
  },
  {
    name: 'on_export_publish_preview',
    description: 'An export was previewed',
    payload: { project_id, target: { type: 'text', about: 'Kind of export' }, timestamp },
  },
  {
    name: 'on_export_publish_complete',
    description: 'An export was finished',
    payload: {
      project_id,
      target: { type: 'text', about: 'Kind of export' },
      path: { type: 'text', about: 'What was written, relative to the export folder', expose: true },
      bytes: { type: 'number', about: 'Its size' },
      timestamp,
    },
  },
  {
    name: 'on_security_secret_read',
    description: 'A stored secret was read; its value is never part of this',
    topic: 'security.secret_read',
    ids: 'hash',
    payload: {
      provider: { type: 'text', about: 'Whose secret' },
      reason: { type: 'text', about: 'What it was needed for' },
      timestamp,
    },
  },
  {
    name: 'on_security_key_rotated',
    description: 'A stored key was replaced; neither key is part of this',
    topic: 'security.key_rotated',
    ids: 'hash',
    payload: { provider: { type: 'text', about: 'Whose key' }, timestamp },
  },
  {
    name: 'on_sandbox_network_blocked',
    description: 'A sandbox refused a connection',
    topic: 'security.sandbox_blocked',
    ids: 'hash',
    payload: {
      host: { type: 'text', about: 'Where it would have gone' },
      port: { type: 'number', about: 'Port' },
      plugin: { type: 'text', about: 'Who wanted it' },
      timestamp,
    },
  },
] as const satisfies readonly HookRow[];
