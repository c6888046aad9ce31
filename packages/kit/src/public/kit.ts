export { type OpenAssets, type OpenAssetsOptions, openAssets } from '../app/open-assets.ts';
export { FLAGS, type FlagName, type FlagRow } from '../config/flag-table.ts';
export { createFlags, FLAG_DEFAULTS, FLAG_PAIRS, type Flags, type SubsystemState } from '../config/flags.ts';
export {
  type Config,
  type ConfigEntry,
  type ConfigFinding,
  type ConfigWarning,
  type InitOptions,
  loadConfig,
  type OptionKey,
  type OptionValue,
} from '../config/load.ts';
export type { OptionRow } from '../config/options/row.ts';
export { OPTIONS } from '../config/options/table.ts';
export { type CreateKitOptions, createKit } from '../kernel/create-kit.ts';
export type {
  BytesSink,
  Kit,
  LineSink,
  OpsContext,
  Part,
  Peer,
  Route,
  RouteGroup,
  Teardown,
  Upgrade,
  UpgradeHandler,
} from '../kernel/part.ts';
export type { AssetReport } from '../parts/assets/gate.ts';
export { type MigrationCheckOptions, migrationCheck } from '../signals/health/migrations.ts';
