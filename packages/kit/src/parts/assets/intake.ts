import { rm } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Privacy } from '@plimsoll/privacy';
import { OpsError } from '../../base/ops-error.ts';
import { cleanBag, cleanExtras, cleanProvenance } from './clean.ts';
import { copyIn, exists, hashFile, moveTo, type Received, receive } from './files.ts';
import type { AssetDescription, RegisterInput, UploadInput } from './gate.ts';
import { mirrorNames, placeIn, relativeTo, safeName, safePath, sourceFile, within } from './paths.ts';
import type { Places } from './places.ts';
import type { Draft } from './store/rows.ts';
import type { Store } from './store/store.ts';

export interface IntakeOptions {
  readonly places: Places;
  readonly store: Store;
  readonly privacy: Privacy;
  readonly maxBytes: number;
}

/** What is known before a byte is moved: everything that could be wrong with a description has been found. */
type Described = Pick<Draft, 'meta' | 'extras' | 'provenance' | 'type'> & { readonly destination?: string };

/** Brings files into the assets folder, under a path that is safe and nobody else's. */
export class Intake {
  readonly #options: IntakeOptions;
  /** Two that want one name take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  async register(input: RegisterInput): Promise<Draft> {
    const { places } = this.#options;
    const described = this.#describe(input);
    const source = await sourceFile(input.path, places.sources);
    const own = within(places.root, source);
    if (!own && input.copy === false)
      throw new OpsError('unsafe path', { hint: 'Without copy, the file lies in the assets folder.' });
    const there = own ? relativeTo(places.root, source) : undefined;
    const stays = there !== undefined && (input.copy === false || (described.destination ?? there) === there);
    if (stays) return draftOf(described, safePath(there), await hashFile(source));
    return this.#place(await copyIn(source, places.temp), described, basename(source));
  }

  /** Resolves once the bytes are on the disk, to what puts them in their place. */
  async upload(stream: AsyncIterable<Uint8Array>, input: UploadInput): Promise<() => Promise<Draft>> {
    const described = this.#describe(input);
    const { places, maxBytes } = this.#options;
    const file = await receive(stream, places.temp, maxBytes);
    return () => this.#place(file, described, input.filename);
  }

  /** For an upload whose form tells about the file after the file. */
  async received(file: Received, input: UploadInput): Promise<Draft> {
    try {
      return await this.#place(file, this.#describe(input), input.filename);
    } catch (error) {
      await rm(file.path, { force: true });
      throw error;
    }
  }

  #describe(input: AssetDescription): Described {
    const { privacy } = this.#options;
    const type = input.asset_type ?? 'generic';
    // It is a folder of the default path.
    if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(type) || type.endsWith('.')) throw new OpsError('unsafe path');
    safePath(type);
    return {
      type,
      meta: cleanBag(privacy, input.metadata ?? {}),
      extras: cleanExtras(privacy, input.sidecar ?? {}),
      ...(input.provenance && { provenance: cleanProvenance(privacy, input.provenance) }),
      ...(input.dest_path !== undefined && { destination: safePath(input.dest_path) }),
    };
  }

  #place(file: Received, described: Described, name: string): Promise<Draft> {
    const work = this.#turn.then(() => this.#put(file, described, name));
    this.#turn = work.catch(() => {});
    return work;
  }

  async #put(file: Received, described: Described, name: string): Promise<Draft> {
    const { places, store } = this.#options;
    try {
      const known = await store.byHash(file.hash);
      const wanted = described.destination ?? known?.path ?? `${described.type}/${safeName(name)}`;
      const path = await this.#free(wanted, file.hash, described.destination !== undefined);
      const to = await placeIn(places.root, path);
      // The same bytes may be there already: the asset was registered before, or its row was lost.
      if ((await exists(to)) && (await hashFile(to)).hash === file.hash) await rm(file.path, { force: true });
      else await moveTo(file.path, to);
      return draftOf(described, path, file);
    } catch (error) {
      await rm(file.path, { force: true });
      throw error;
    }
  }

  /** The path itself where nothing else is there; beside it where that is ours to choose. */
  async #free(path: string, hash: string, explicit: boolean): Promise<string> {
    const { places, store } = this.#options;
    const extension = extname(path);
    const bare = path.slice(0, path.length - extension.length);
    for (const candidate of [
      path,
      `${bare}-${hash.slice(0, 8)}${extension}`,
      `${bare}-${hash}${extension}`,
    ]) {
      const owner = await store.byPath(candidate);
      if (owner?.hash === hash) return candidate;
      const full = await placeIn(places.root, candidate);
      const empty = owner === undefined && !(await exists(full));
      if (empty || (owner === undefined && (await hashFile(full)).hash === hash)) return candidate;
      if (explicit) break;
    }
    throw new OpsError('destination taken');
  }
}

function draftOf(
  described: Described,
  path: string,
  { hash, bytes }: { hash: string; bytes: number },
): Draft {
  const { destination: _, ...rest } = described;
  return { ...rest, hash, bytes, path, mirrors: mirrorNames(path) };
}
