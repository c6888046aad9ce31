import type { ComponentType } from 'preact';

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
  readonly View: ComponentType;
}
