import { Refusal } from '../failure.ts';
import type { Scene } from '../scene/schema.ts';
import { type Library, type Project, type Sourced, sha256, type Timeline } from './library.ts';

/** What an export is made of. */
export interface Gathered {
  readonly project: Sourced<Project> | undefined;
  readonly timeline: Sourced<Timeline>;
  readonly scenes: readonly Sourced<Scene>[];
}

export interface Wanted {
  readonly projectId: string | undefined;
  readonly timelineId: string | undefined;
}

/** For a script: the timeline must be there, and says the project where the caller does not. */
export async function gatherScript(library: Library, { projectId, timelineId }: Wanted): Promise<Gathered> {
  const named = projectId === undefined ? undefined : await library.project(projectId);
  const timeline = await library.timeline(timelineId!);
  const owner = timeline.value.project_id;
  const project = named ?? (owner === undefined ? undefined : await library.project(owner));
  return { project, timeline, scenes: await scenesOf(library, timeline.value, project?.value) };
}

/** For a bundle: where no timeline is named, or the one that is named is not there, one is made from the project. */
export async function gatherBundle(library: Library, { projectId, timelineId }: Wanted): Promise<Gathered> {
  const project = await library.project(projectId!);
  const timeline =
    (await timelineOf(library, timelineId)) ?? generated(timelineId ?? `${projectId}-timeline`, project);
  return { project, timeline, scenes: await scenesOf(library, timeline.value, project.value) };
}

async function timelineOf(library: Library, id: string | undefined): Promise<Sourced<Timeline> | undefined> {
  if (id === undefined) return undefined;
  try {
    return await library.timeline(id);
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return undefined;
    throw error;
  }
}

function generated(id: string, { id: project_id, value: { scenes } }: Sourced<Project>): Sourced<Timeline> {
  const value = { id, project_id, scene_order: scenes };
  const bytes = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  return { id, value, source: 'generated', sha256: sha256(bytes), bytes };
}

/** In the timeline's order, else as its scenes, else the project's; one that is named twice is there once. */
async function scenesOf(
  library: Library,
  { scene_order, scenes }: Timeline,
  project: Project | undefined,
): Promise<readonly Sourced<Scene>[]> {
  const order = [scene_order, scenes, project?.scenes].find(ids => ids !== undefined && ids.length > 0) ?? [];
  const ids = [...new Set(order)];
  if (ids.length === 0) throw new Refusal(400, 'no scenes to export');
  return Promise.all(ids.map(id => library.scene(id)));
}
