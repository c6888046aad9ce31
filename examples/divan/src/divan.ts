import type { Obs } from 'plimsoll';
import type { DivanMetrics } from './metrics.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store/store.ts';

/** What every route of divan is handed. */
export interface Divan {
  readonly obs: Obs;
  readonly metrics: DivanMetrics;
  readonly settings: Settings;
  readonly store: Store;
  /** Headers name the user, and limits are wide. */
  readonly development: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
