import { mkdir } from 'node:fs/promises';
import type { Kit, Part } from '../../kernel/part.ts';
import { mergeMetadata } from './clean.ts';
import { sweep } from './files.ts';
import { type AssetCallbacks, assetsGate } from './gate.ts';
import { type PlaceChoices, placesOf } from './places.ts';
import { AssetService } from './service.ts';
import { openPostgres, type PgPool } from './store/postgres.ts';
import { openSqlite } from './store/sqlite.ts';
import { Store } from './store/store.ts';

/** The registry, told to these callbacks, which outlive it. */
export function assets(callbacks: AssetCallbacks): Part {
  return {
    name: assetsGate.name,
    async setup(kit) {
      const service = await openService(kit, callbacks);
      const hide = kit.expose(assetsGate.name, () => service);
      return async () => {
        await hide();
        await service.close();
      };
    },
  };
}

export async function openService(
  kit: Kit,
  callbacks: AssetCallbacks,
  choices: PlaceChoices & { readonly project?: string | undefined; readonly store?: PgPool | undefined } = {},
): Promise<AssetService> {
  const places = placesOf(kit.config, choices);
  await mkdir(places.root, { recursive: true });
  await sweep(places.temp);
  const pool = choices.store ?? (kit.config.get('assets.store') as PgPool | undefined);
  const db = pool === undefined ? await openSqlite(places.db) : openPostgres(pool);
  const project = choices.project ?? kit.config.get('assets.projectId');
  const now = () => new Date(kit.clock.now()).toISOString();
  try {
    const store = await Store.open(db, { project, now, merge: mergeMetadata });
    return new AssetService({ kit, places, store, callbacks });
  } catch (error) {
    await db.close();
    throw error;
  }
}
