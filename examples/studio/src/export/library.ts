import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../failure.ts';
import { isMissing } from '../files.ts';
import type { Scene } from '../scene/schema.ts';
import { wholeScene } from '../scene/validate.ts';

/** Ids become names of files: no separator, no leading dot, nothing that climbs. */
export const fileId = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,79}$/);

const reference = z
  .union([fileId, z.looseObject({ scene_id: fileId }), z.looseObject({ id: fileId })])
  .transform(one =>
    typeof one === 'string' ? one : 'scene_id' in one ? String(one.scene_id) : String(one.id),
  );
const references = z.array(reference).max(10_000);

const asset = z.looseObject({
  path: z
    .string()
    .max(500)
    .regex(/^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\\\0:]+$/),
  license: z.string().nullish(),
});
const project = z.looseObject({
  title: z.string().optional(),
  scenes: references.default([]),
  characters: references.default([]),
  assets: z.array(asset).max(10_000).default([]),
  licenses: z.array(z.unknown()).default([]),
  license_text: z.string().optional(),
});
const timeline = z.looseObject({
  project_id: fileId.optional(),
  scene_order: references.optional(),
  scenes: references.optional(),
});

export type Project = z.infer<typeof project>;
export type Timeline = z.infer<typeof timeline>;
export type Asset = z.infer<typeof asset>;

/** A file as it was read: `source` is its place below the runtime root, `sha256` of its bytes. */
export interface Sourced<T> {
  readonly id: string;
  readonly value: T;
  readonly source: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

export const sha256 = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** The projects, timelines, scenes and characters below `data`, and the files below `assets`. */
export class Library {
  readonly #root: string;

  constructor(runtimeRoot: string) {
    this.#root = runtimeRoot;
  }

  project = (id: string) => this.#read('project', id, project);
  timeline = (id: string) => this.#read('timeline', id, timeline);
  character = (id: string) => this.#read('character', id, z.looseObject({}));

  async scene(id: string): Promise<Sourced<Scene>> {
    const found = await this.#read('scene', id, z.unknown());
    return { ...found, value: wholeScene(found.value) };
  }

  /** Undefined where there is no such file; 400 for a link that leads out of the folder. */
  async asset({ path }: Asset): Promise<Sourced<Asset> | undefined> {
    const source = `assets/${path}`;
    try {
      const folder = await realpath(join(this.#root, 'assets'));
      const real = await realpath(join(folder, path));
      if (!real.startsWith(folder + sep)) throw new Refusal(400, 'asset path leaves the assets folder');
      const bytes = await readFile(real);
      return { id: path, value: { path }, source, sha256: sha256(bytes), bytes };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async #read<T>(kind: string, id: string, schema: z.ZodType<T>): Promise<Sourced<T>> {
    const source = `data/${kind}s/${fileId.parse(id)}.json`;
    let bytes: Uint8Array;
    try {
      bytes = await readFile(join(this.#root, source));
    } catch (error) {
      if (isMissing(error)) throw new Refusal(404, `${kind} '${id}' not found`);
      throw error;
    }
    const value = schema.safeParse(json(bytes));
    if (!value.success) throw new Refusal(400, `${kind} '${id}' is not valid`, { code: `${kind}_invalid` });
    return { id, value: value.data, source, sha256: sha256(bytes), bytes };
  }
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
