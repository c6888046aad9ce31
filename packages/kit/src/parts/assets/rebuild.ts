import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kit } from '../../kernel/part.ts';
import { pathTags } from './audit.ts';
import { cleanBag, mergeMetadata, SIDECAR_KEYS } from './clean.ts';
import { hashFile, walk } from './files.ts';
import type { RebuildOptions, RebuildResult } from './gate.ts';
import { mirrorNames, SIDECAR, safePath, sidecarPath } from './paths.ts';
import { OWN } from './places.ts';
import type { AssetService } from './service.ts';
import { parsed } from './sidecars.ts';
import type { Bag, Draft, Provenance } from './store/rows.ts';

/** Files that are hashed at the same time; the thread pool has four threads. */
const AT_ONCE = 8;
/** Rows of one commit. */
const BATCH = 500;

const SUFFIXES: readonly (readonly [RegExp, string])[] = [
  [/\.(png|jpe?g|webp|gif|bmp|avif|tiff?|svg)$/i, 'images'],
  [/\.(wav|mp3|ogg|flac|m4a|opus|aac)$/i, 'audio'],
  [/\.jsonl?$/i, 'json'],
];

/** Makes the rows of what lies in the folder: every file in, what is gone out. A file is known by its bytes alone. */
export async function rebuild(
  service: AssetService,
  options: RebuildOptions,
  kit: Kit,
): Promise<RebuildResult> {
  const {
    remove_stale = true,
    enforce_sidecars = false,
    overwrite_sidecars = false,
    fix_metadata = false,
  } = options;
  const seen = new Set<string>();
  let processed = 0;
  let skipped = 0;
  let waiting: Draft[] = [];
  const store = async () => {
    const puts = await service.store.put(waiting.splice(0));
    for (const { asset } of puts) service.previews.add(asset);
    options.onProgress?.(processed);
  };
  const unreadable = () => {
    skipped += 1;
  };
  for await (const drafts of draftsIn(service, kit, unreadable)) {
    for (const draft of drafts) {
      seen.add(draft.path);
      waiting.push(draft);
      processed += 1;
    }
    if (waiting.length >= BATCH) await store();
  }
  if (waiting.length > 0) await store();
  waiting = [];
  const removed = remove_stale ? await forget(service, seen) : 0;
  const wanted = enforce_sidecars || overwrite_sidecars || fix_metadata;
  const enforce = {
    fix_missing: enforce_sidecars,
    overwrite: overwrite_sidecars,
    fill_metadata: fix_metadata,
  };
  return { processed, skipped, removed, ...(wanted && { report: await service.audit(enforce) }) };
}

/** What is to be stored of every file, some at a time. */
async function* draftsIn(
  service: AssetService,
  kit: Kit,
  unreadable: () => void,
): AsyncGenerator<readonly Draft[]> {
  const own: ReadonlySet<string> = new Set(Object.values(OWN));
  const skip = (path: string) => own.has(path) || path.endsWith(SIDECAR);
  for await (const folder of walk(service.places.root, { skip, onError: unreadable })) {
    for (let at = 0; at < folder.length; at += AT_ONCE) {
      const some = folder.slice(at, at + AT_ONCE);
      const drafts = await Promise.all(some.map(path => draftOf(service, path, kit)));
      for (const draft of drafts) if (draft === undefined) unreadable();
      yield drafts.filter(draft => draft !== undefined);
    }
  }
}

async function draftOf({ places, store }: AssetService, path: string, kit: Kit): Promise<Draft | undefined> {
  try {
    safePath(path);
    const { hash, bytes } = await hashFile(join(places.root, path));
    const known = await store.byHash(hash);
    const sidecar = known === undefined ? await sidecarFor(places.root, path) : undefined;
    const said = (sidecar?.['meta'] ?? {}) as Bag;
    const given = cleanBag(kit.privacy, { ...known?.meta, ...said });
    return {
      ...{ hash, bytes, path, mirrors: mirrorNames(path), type: typeOf(path, sidecar) },
      meta: mergeMetadata(undefined, { ...filled({ path, hash, bytes }, given), ...given }),
      ...(sidecar && { extras: cleanBag(kit.privacy, extrasOf(sidecar)), ...provenanceIn(sidecar, kit) }),
    };
  } catch {
    return undefined;
  }
}

/** What a file says of itself, where nobody said more. */
function filled({ path, hash, bytes }: { path: string; hash: string; bytes: number }, given: Bag): Bag {
  const empty = (name: string) => !given[name] || (Array.isArray(given[name]) && given[name].length === 0);
  return {
    ...(empty('origin') && { origin: 'rebuild' }),
    ...(empty('tags') && { tags: pathTags(path) }),
    ...(empty('license') && { license: 'unknown' }),
    digest_sha256: hash,
    filesize_bytes: bytes,
    seed: Number.parseInt(hash.slice(0, 12), 16) % 2 ** 31,
    ...(empty('workflow') && { workflow: null }),
  };
}

function typeOf(path: string, sidecar: Bag | undefined): string {
  const said = sidecar?.['type'];
  if (typeof said === 'string' && /^[\w.-]{1,64}$/.test(said)) return said;
  const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined;
  return folder ?? SUFFIXES.find(([suffix]) => suffix.test(path))?.[1] ?? 'generic';
}

async function sidecarFor(root: string, path: string): Promise<Bag | undefined> {
  for (const name of [sidecarPath(path), mirrorNames(path)[0] as string]) {
    const text = await readFile(join(root, name), 'utf8').catch(() => undefined);
    const content = text === undefined ? undefined : parsed(text);
    if (content !== undefined && (content['path'] ?? path) === path) return content;
  }
  return undefined;
}

function extrasOf(sidecar: Bag): Bag {
  return Object.fromEntries(Object.entries(sidecar).filter(([name]) => !SIDECAR_KEYS.has(name)));
}

/** The record that the sidecar has kept; it was cleaned, and its person hashed, before it was written. */
function provenanceIn(sidecar: Bag, kit: Kit): { provenance?: Provenance } {
  const record = sidecar['provenance'] as Bag | undefined;
  if (typeof record !== 'object' || record === null || typeof record['source'] !== 'string') return {};
  const text = (name: string) => (typeof record[name] === 'string' ? kit.privacy.text(record[name]) : null);
  const bag = (name: string) =>
    typeof record[name] === 'object' && record[name] !== null
      ? cleanBag(kit.privacy, record[name] as Bag)
      : null;
  const user = text('user_id');
  return {
    provenance: {
      source: text('source') as string,
      ...{ workflowHash: text('workflow_hash'), commitHash: text('commit_hash') },
      userId: user === null || /^[0-9a-f]{32}$/.test(user) ? user : kit.privacy.hash(user, 'user_id'),
      inputs: bag('inputs') ?? {},
      c2paLike: bag('c2pa_like'),
    },
  };
}

/** Rows of files that are gone, and of files that hold something else now. */
async function forget(service: AssetService, seen: ReadonlySet<string>): Promise<number> {
  const gone: string[] = [];
  for await (const page of service.store.paths()) gone.push(...page.filter(path => !seen.has(path)));
  let removed = 0;
  for (let at = 0; at < gone.length; at += BATCH) {
    for (const asset of await service.store.forget(gone.slice(at, at + BATCH))) {
      removed += 1;
      await service.sidecars.remove(asset);
      await service.previews.remove(asset);
      service.removed(asset);
    }
  }
  for (
    let orphans = await service.store.orphans();
    orphans.length > 0;
    orphans = await service.store.orphans()
  ) {
    await service.store.remove(orphans.map(({ id }) => id));
    for (const asset of orphans) {
      removed += 1;
      await service.previews.remove(asset);
      service.removed(asset);
    }
  }
  return removed;
}
