import type { HookRow } from './row.ts';

const uid = { type: 'text', about: 'Asset', expose: true } as const;
const type = { type: 'text', about: 'Kind of asset, such as sprite' } as const;
const hook_event = { type: 'text', about: "The registry's own name of the event" } as const;
const timestamp = { type: 'number', about: 'When it happened, seconds since the Unix epoch' } as const;

const changed = {
  uid,
  type,
  path: { type: 'text', about: 'File, relative to the asset root', expose: true },
  meta: { type: 'map', about: "The asset's metadata" },
  sidecar: { type: 'any', about: 'Its sidecar, relative to the asset root', expose: true },
} as const;
const whole = {
  ...changed,
  bytes: { type: 'number', about: 'Size of the file' },
  hook_event,
  timestamp,
} as const;

/** What the asset registry does. */
export const ASSET_HOOKS = [
  { name: 'on_asset_registered', description: 'An asset was registered', payload: whole },
  { name: 'on_asset_saved', description: 'Older twin of on_asset_registered', payload: whole },
  {
    name: 'on_asset_meta_updated',
    description: 'The metadata of an asset changed',
    payload: { ...changed, hook_event, timestamp },
  },
  { name: 'on_asset_removed', description: 'An asset was removed', payload: whole },
  {
    name: 'on_asset_sidecar_written',
    description: "An asset's sidecar was written",
    payload: {
      uid,
      type,
      sidecar: { type: 'text', about: 'The sidecar, absolute: it leaves as a hash' },
      rel_path: { type: 'text', about: 'The sidecar, relative to the asset root', expose: true },
      hook_event,
      timestamp,
    },
  },
] as const satisfies readonly HookRow[];
