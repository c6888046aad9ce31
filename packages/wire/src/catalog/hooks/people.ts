import type { HookRow } from './row.ts';

const timestamp = { type: 'number', about: 'When it happened, seconds since the Unix epoch' } as const;
const user_id = { type: 'text', about: 'Who: leaves as a hash' } as const;
const item = { type: 'text', about: 'What it is about: leaves as a hash' } as const;
const project_id = { type: 'text', about: 'Project: leaves as a hash' } as const;

/** What people do and prefer: no id of any kind leaves these in clear. */
export const PEOPLE_HOOKS = [
  {
    name: 'on_rating_decision',
    description: 'A content rating was decided',
    ids: 'hash',
    payload: { item_id: item, rating: { type: 'text', about: 'Rating' }, user_id, timestamp },
  },
  {
    name: 'on_rating_override',
    description: 'Somebody put another rating in place of the decided one',
    ids: 'hash',
    payload: { item_id: item, rating: { type: 'text', about: 'New rating' }, user_id, timestamp },
  },
  {
    name: 'on_rating_acknowledged',
    description: 'Somebody acknowledged a rating',
    ids: 'hash',
    payload: { item_id: item, user_id, timestamp },
  },
  {
    name: 'on_cloud_sync_plan',
    description: 'A synchronisation was planned',
    ids: 'hash',
    payload: {
      project_id,
      uploads: { type: 'number', about: 'Files to upload' },
      downloads: { type: 'number', about: 'Files to download' },
      timestamp,
    },
  },
  {
    name: 'on_cloud_sync_complete',
    description: 'A synchronisation ended',
    ids: 'hash',
    payload: {
      project_id,
      ok: { type: 'boolean', about: 'All of it was done' },
      bytes: { type: 'number', about: 'Bytes moved' },
      timestamp,
    },
  },
  {
    name: 'on_accessibility_settings',
    description: 'Accessibility settings changed',
    ids: 'hash',
    payload: { settings: { type: 'map', about: 'Settings' }, user_id, timestamp },
  },
  {
    name: 'on_accessibility_filter',
    description: 'A colour filter was put on or off',
    ids: 'hash',
    payload: { filter: { type: 'text', about: 'Filter' }, user_id, timestamp },
  },
  {
    name: 'on_accessibility_subtitle',
    description: 'A subtitle was shown; its text is never part of this',
    ids: 'hash',
    payload: {
      origin: { type: 'text', about: 'What spoke' },
      duration_ms: { type: 'number', about: 'Milliseconds on screen' },
      timestamp,
    },
  },
  {
    name: 'on_accessibility_input',
    description: 'An input was remapped',
    ids: 'hash',
    payload: {
      action: { type: 'text', about: 'Action' },
      binding: { type: 'text', about: 'Input' },
      timestamp,
    },
  },
  {
    name: 'on_collab_operation',
    description: 'A change came from somebody who works on the same document',
    ids: 'hash',
    payload: {
      document_id: { type: 'text', about: 'Document: leaves as a hash' },
      operation: { type: 'text', about: 'Kind of change' },
      user_id,
      timestamp,
    },
  },
] as const satisfies readonly HookRow[];
