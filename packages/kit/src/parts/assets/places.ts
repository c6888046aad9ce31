import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PlimsollError } from '../../base/errors.ts';
import type { Config } from '../../kernel/part.ts';

/** Where everything lies, absolute. */
export interface Places {
  readonly root: string;
  readonly db: string;
  readonly thumbs: string;
  readonly trash: string;
  readonly temp: string;
  /** Folders from which files may be taken over. */
  readonly sources: readonly string[];
}

export interface PlaceChoices {
  readonly root?: string | undefined;
  readonly db?: string | undefined;
  readonly thumbs?: string | undefined;
}

/** Folders of ours in the assets folder; no asset can lie there. */
export const OWN = { mirror: '_meta', thumbs: '_thumbs', trash: '_trash', temp: '_tmp' } as const;
const CANDIDATES = ['data/assets', 'assets'];

/** Throws PLIMSOLL_ASSETS_ROOT where neither an option nor a runtime root says where. */
export function placesOf(config: Config, choices: PlaceChoices = {}): Places {
  const base = config.base;
  const given = choices.root ?? config.get('assets.root');
  const found = given ?? CANDIDATES.find(name => existsSync(join(base, name)));
  if (found === undefined && config.get('runtimeRoot') === undefined)
    throw new PlimsollError('PLIMSOLL_ASSETS_ROOT');
  const root = real(resolve(base, found ?? (CANDIDATES[0] as string)));
  const db = choices.db ?? config.get('assets.dbPath');
  const thumbs = choices.thumbs ?? config.get('assets.thumbsDir');
  return {
    root,
    db: db === undefined ? join(dirname(root), `${basename(root)}.db`) : resolve(base, db),
    thumbs: thumbs === undefined ? join(root, OWN.thumbs) : resolve(base, thumbs),
    trash: join(root, OWN.trash),
    temp: join(root, OWN.temp),
    sources: [root, ...config.get('assets.sources').map(folder => real(resolve(base, folder)))],
  };
}

function real(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
