import type { ComponentType } from 'preact';
import type { Requires } from '../lib/use-ops.ts';

/**
 * A panel of the console. A folder in `panels/` whose `panel.tsx` exports one as `panel` is in the navigation, in
 * the keyboard's help and in the router; nothing else needs to know it.
 */
export interface Panel {
  readonly title: string;
  /** It owns this path and what is below; `/` is only itself. */
  readonly path: string;
  /** Where it stands in the navigation, rising. */
  readonly order: number;
  /** After `g`. */
  readonly key: string;
  /** The `d` of a 24 × 24 outline. */
  readonly icon: string;
  /**
   * The ops paths that it lives from, such as `/api/telemetry`, or several by which services name the same thing.
   * Where the chosen service lists none of them, the panel is greyed in the navigation and says why in its place.
   * Its view takes the service and the prefix from `<Offering>`.
   */
  readonly requires?: Requires;
  readonly View: ComponentType;
}
