import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { z } from 'zod';
import { readJson } from '../body.ts';
import { parse } from '../failure.ts';
import type { Studio } from '../studio.ts';
import { gatherParts, type Parts, provenanceOf, writeBundle } from './bundle.ts';
import { gatherBundle, gatherScript } from './gather.ts';
import { fileId, Library } from './library.ts';
import { enforce, type PolicySubject } from './policy.ts';
import { makeScript, RenpyFolder, SCRIPT } from './renpy.ts';

const asked = z.enum(['true', 'false', '1', '0']).optional();
const scriptQuery = z.object({ timeline_id: fileId, project_id: fileId.optional(), override: asked });
const bundleQuery = z.object({ project_id: fileId, timeline_id: fileId.optional(), override: asked });
const acknowledgement = z.object({ user: z.string().trim().min(1).max(200) });

export function exportRoutes(app: Hono, studio: Studio): void {
  const { settings, advisory } = studio;
  const library = new Library(settings.runtimeRoot);
  const renpy = new RenpyFolder(settings.runtimeRoot);

  app.post('/api/export/renpy', async c =>
    c.json(await exportScript(studio, library, { renpy, query: c.req.query() })),
  );

  app.post('/api/export/bundle', async c => c.json(await exportBundle(studio, library, c.req.query())));

  app.post('/api/advisory/ack', async c => {
    await advisory.acknowledge(parse(acknowledgement, await readJson(c)).user);
    return c.json({ ok: true, disclaimer: advisory.disclaimer() });
  });
}

async function exportScript(
  studio: Studio,
  library: Library,
  { renpy, query: given }: { readonly renpy: RenpyFolder; readonly query: object },
) {
  const query = parse(scriptQuery, given);
  const found = await gatherScript(library, { projectId: query.project_id, timelineId: query.timeline_id });
  const generated_at = new Date(studio.now()).toISOString();
  const scene_ids = found.scenes.map(({ id }) => id);
  const subject: PolicySubject = {
    ...{ action: 'export.renpy', project_id: found.project?.id, timeline_id: found.timeline.id, scene_ids },
    assets: found.project?.value.assets ?? [],
  };
  const enforcement = await enforce(studio, subject, null);
  const script = makeScript(found, generated_at);
  const folder = renpy.pathOf(found);
  await renpy.write(folder, script);
  return {
    ...{ ok: true, script: join(folder, SCRIPT), renpy_project: folder, labels: script.labels, scene_ids },
    ...{ generated_at, gate: gate(studio, 'export.renpy', query.override), enforcement },
  };
}

async function exportBundle(studio: Studio, library: Library, given: object) {
  const { project_id, timeline_id, override } = parse(bundleQuery, given);
  const found = await gatherBundle(library, { projectId: project_id, timelineId: timeline_id });
  const generated_at = new Date(studio.now()).toISOString();
  const bundle = join(studio.settings.runtimeRoot, 'exports/bundles', bundleName(project_id, generated_at));
  const subject: PolicySubject = {
    ...{ action: 'export.bundle', project_id, timeline_id: found.timeline.id },
    ...{ scene_ids: found.scenes.map(({ id }) => id), assets: found.project!.value.assets },
  };
  const enforcement = await enforce(studio, subject, bundle);
  const { findings } = enforcement;
  const parts: Parts = {
    ...{ ...found, ...(await gatherParts(library, found)), findings },
    ...{ script: makeScript(found, generated_at), generatedAt: generated_at },
  };
  const provenance = provenanceOf(parts);
  await writeBundle(bundle, parts, provenance);
  return {
    ...{ ok: true, bundle, provenance, findings, generated_at },
    ...{ gate: gate(studio, 'export.bundle', override), enforcement },
  };
}

/** The notice never stops an export: it says whether it was acknowledged. What stops one is the policy. */
function gate({ advisory }: Studio, action: string, override: string | undefined) {
  const disclaimer = advisory.disclaimer();
  const requires_ack = !disclaimer.acknowledged;
  return {
    ...{ action, requires_ack, allow: true, gate: 'export', disclaimer },
    warnings: requires_ack ? ['The notice on exports is not acknowledged: POST /api/advisory/ack'] : [],
    override_requested: override === 'true' || override === '1',
  };
}

/** `PROJECT-20260304_092000-1f2e3d4c.zip`: two of the same second are two files. */
function bundleName(project: string, iso: string): string {
  const time = iso.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');
  return `${project}-${time}-${randomBytes(4).toString('hex')}.zip`;
}
