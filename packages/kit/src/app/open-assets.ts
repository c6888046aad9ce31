import type { Kit } from '../kernel/part.ts';
import { type Assets, assetCallbacks, assetsOf } from '../parts/assets/gate.ts';
import type { PgPool } from '../parts/assets/store/postgres.ts';

export interface OpenAssetsOptions {
  /** Over `assets.root`, `assets.dbPath`, `assets.thumbsDir` and `assets.projectId`. */
  readonly root?: string | undefined;
  readonly dbPath?: string | undefined;
  readonly thumbsDir?: string | undefined;
  readonly project?: string | undefined;
  /** A pool of PostgreSQL for the rows, over `assets.store`; it stays open, and its owner's. */
  readonly store?: PgPool | undefined;
}

export interface OpenAssets extends Assets {
  /** Resolves when no preview is being made any more. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** The registry by itself, for tools: whatever the flags say, without routes. It belongs to whoever opened it. */
export async function openAssets(kit: Kit, options: OpenAssetsOptions = {}): Promise<OpenAssets> {
  const { openService } = await import('../parts/assets/part.ts');
  const { root, dbPath: db, thumbsDir: thumbs, project, store } = options;
  const callbacks = assetCallbacks();
  const service = await openService(kit, callbacks, { root, db, thumbs, project, store });
  return {
    ...assetsOf({ impl: service }, callbacks),
    settled: () => service.previews.settled(),
    close: () => service.close(),
  };
}
