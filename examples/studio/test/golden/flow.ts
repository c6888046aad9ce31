import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GoldenFlow, GoldenRule, GoldenRun } from 'plimsoll/testing';
import { listen } from '../../src/server.ts';
import { PLAN, SCENE, writeFixture } from './fixture.ts';

/** The rules of the document that this flow comes from, in its order. */
const VALUES: readonly GoldenRule[] = [
  { type: 'text', keys: ['generated_at', 'saved_at_iso', 'created_at'], to: '<timestamp>' },
  { type: 'text', match: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}', to: '<timestamp>' },
  { type: 'text', keys: ['bundle'], to: '<repo>/exports/bundles/<bundle>.zip' },
  { type: 'text', keys: ['issue_id'], to: '<issue-id>' },
  { type: 'text', keys: ['script_sha256'], to: '<sha256>' },
  { type: 'text', keys: ['renpy_project'], to: '<repo>/renpy_project' },
  { type: 'number', keys: ['saved_at', 'timestamp'], to: '<timestamp>' },
  { type: 'number', keys: ['size_bytes'], to: '<size>' },
];

interface Answer {
  readonly state?: { readonly variables: object; readonly current_node: string };
  readonly choices?: readonly { readonly id: string }[];
}

/** The ten answers of a studio of its own, on a port and in a folder of its own. */
export async function run(now: () => number = Date.now): Promise<GoldenRun> {
  const root = await mkdtemp(join(tmpdir(), 'studio-golden-'));
  writeFixture(root);
  const studio = await listen({
    port: 0,
    now,
    settings: { runtimeRoot: root },
    obs: { env: 'test', log: { stdout: false } },
  });
  try {
    return { values: await answers(studio.origin), paths: { '<runtime>': root, '<repo>': process.cwd() } };
  } finally {
    await studio.close();
    await rm(root, { recursive: true, force: true });
  }
}

async function answers(origin: string): Promise<GoldenRun['values']> {
  const ask = async (path: string, body?: object): Promise<Answer> => {
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const answer = await fetch(origin + path, body && post);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const step = (rest: object) => ask('/api/scenario/run/step', { scene: SCENE, seed: 7, ...rest });
  const scenario_validate = await ask('/api/scenario/validate', { scene: SCENE });
  const scenario_step_1 = await step({});
  const first = scenario_step_1.choices?.[0]?.id;
  const scenario_step_2 = await step({ state: scenario_step_1.state, choice_id: first });
  const { state } = scenario_step_2;
  const scenario_step_3 = await step({ state });
  const save = { vars: state?.variables, node_pointer: state?.current_node, seed: 7, pov: 'narrator' };
  const save_store = await ask('/api/save/phase4', save);
  const save_list = await ask('/api/save/list');
  const save_load = await ask('/api/save/phase4');
  const presentation_plan = await ask('/api/presentation/plan', PLAN);
  await ask('/api/advisory/ack', { user: 'golden' });
  const export_renpy = await ask('/api/export/renpy?timeline_id=main&project_id=demo', {});
  const export_bundle = await ask('/api/export/bundle?project_id=demo&timeline_id=main', {});
  return {
    ...{ scenario_validate, scenario_step_1, scenario_step_2, scenario_step_3 },
    ...{ save_store, save_list, save_load, presentation_plan, export_renpy, export_bundle },
  };
}

const flow: GoldenFlow = {
  file: new URL('./phase4_payloads.json', import.meta.url),
  rules: { values: VALUES },
  run: () => run(),
};
export default flow;
