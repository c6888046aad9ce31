import { promisify } from 'node:util';
import { type AsyncZippable, zip } from 'fflate';
import type { Members } from '../body.ts';
import { writeWhole } from '../files.ts';
import type { Gathered } from './gather.ts';
import type { Asset, Library, Sourced } from './library.ts';
import type { Finding } from './policy.ts';
import { type RenpyScript, SCRIPT } from './renpy.ts';

/** All that goes into one archive, gathered for it and for no other. */
export interface Parts extends Gathered {
  readonly characters: readonly Sourced<Members>[];
  readonly assets: readonly Sourced<Asset>[];
  readonly script: RenpyScript;
  readonly findings: readonly Finding[];
  readonly generatedAt: string;
}

export async function gatherParts(
  library: Library,
  { project }: Gathered,
): Promise<Pick<Parts, 'characters' | 'assets'>> {
  const { characters, assets } = project!.value;
  const unique = [...new Map(assets.map(asset => [asset.path, asset])).values()];
  return {
    characters: await Promise.all([...new Set(characters)].map(id => library.character(id))),
    assets: (await Promise.all(unique.map(asset => library.asset(asset)))).filter(one => one !== undefined),
  };
}

export function provenanceOf({ project, timeline, scenes, characters, ...rest }: Parts): Members {
  const { assets, script, findings, generatedAt } = rest;
  const byId = (all: readonly Sourced<unknown>[]) =>
    Object.fromEntries(all.map(({ id, source, sha256 }) => [id, { source, sha256 }]));
  return {
    version: 1,
    generated_at: generatedAt,
    project: { id: project!.id, title: project!.value.title ?? project!.id, source: project!.source },
    timeline: { id: timeline.id, source: timeline.source, sha256: timeline.sha256 },
    scenes: byId(scenes),
    characters: byId(characters),
    assets: assets.map(({ id, source, sha256, bytes }) => ({ path: id, source, sha256, size: bytes.length })),
    renpy_project: {
      root: 'renpy_project',
      script: `renpy_project/${SCRIPT}`,
      script_sha256: script.sha256,
      labels: script.labels,
    },
    findings,
  };
}

/** Writes the archive; everything in it comes from the parts, nothing from a folder of an earlier export. */
export async function writeBundle(path: string, parts: Parts, provenance: Members): Promise<void> {
  const files: Record<string, Uint8Array> = {};
  const add = (name: string, content: string | Uint8Array) => {
    files[name] = typeof content === 'string' ? Buffer.from(content) : content;
  };
  add('manifest.json', pretty(manifestOf(parts)));
  add('provenance.json', pretty(provenance));
  add(`timelines/${parts.timeline.id}.json`, parts.timeline.bytes);
  for (const { id, bytes } of parts.scenes) add(`scenes/${id}.json`, bytes);
  for (const { id, bytes } of parts.characters) add(`characters/${id}.json`, bytes);
  for (const { id, bytes } of parts.assets) add(`assets/${id}`, bytes);
  add(`renpy_project/${SCRIPT}`, parts.script.text);
  add('README.txt', readme(parts));
  const licence = parts.project!.value.license_text;
  if (licence) add('LICENSE.txt', licence);
  await writeWhole(path, await pack(files, { mtime: zipTime(parts.generatedAt) }));
}

/** An archive has no time before 1980 or after 2099, which a clock that was never set may well show. */
function zipTime(iso: string): Date {
  const year = Number(iso.slice(0, 4));
  return year >= 1981 && year <= 2098 ? new Date(iso) : new Date('2000-01-01T12:00:00Z');
}

const pack = promisify<AsyncZippable, { mtime: Date }, Uint8Array>(zip);

function manifestOf({ project, timeline, scenes, characters, assets, generatedAt }: Parts): Members {
  return {
    id: project!.id,
    title: project!.value.title ?? project!.id,
    engine: 'renpy',
    timeline_id: timeline.id,
    generated_at: generatedAt,
    scenes: scenes.map(({ id }) => id),
    characters: characters.map(({ id }) => id),
    assets: assets.map(({ id }) => id),
    licenses: project!.value.licenses,
  };
}

const readme = ({ project, generatedAt }: Parts): string =>
  `${project!.value.title ?? project!.id}, exported by studio ${generatedAt}.\n` +
  "renpy_project/ opens in Ren'Py; provenance.json says where each file came from, and its digest.\n";

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
