import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasFixtures, jsonDocuments, naughtyStrings } from './fixtures.ts';
import { writeFixture } from './golden/fixture.ts';
import { startStudio } from './support.ts';

const STEP = '/api/scenario/run/step';

test('no naughty string in a scene, a slot, a plan or an export makes a 5xx, or a file outside its folder', async t => {
  if (!hasFixtures(t)) return;
  const { call, settings } = await startStudio(t);
  writeFixture(settings.runtimeRoot);
  const before = readdirSync(settings.runtimeRoot).sort();
  for (const text of naughtyStrings()) {
    const inUrl = encodeURIComponent(text.toWellFormed());
    const scene = {
      id: text || 's',
      start: 'a',
      title: text,
      variables: { [text]: text },
      nodes: [
        {
          id: 'a',
          text,
          choices: [{ target: text, conditions: [{ key: text, operator: 'eq', value: text }] }],
        },
        { id: text },
      ],
    };
    const answers = await Promise.all([
      call('/api/scenario/validate', { scene }),
      call(STEP, { scene, seed: text, pov: text, choice_id: text }),
      call(STEP, { scene, state: text }),
      call(STEP, text),
      call(`/api/save/${inUrl}`, { vars: { [text]: text }, node_pointer: text, seed: text, [text]: text }),
      call(`/api/save/${inUrl}`),
      call('/api/presentation/plan', {
        scene_state: { scene_id: text, characters: [{ id: text, display_name: text, portrait: text }] },
        node: { id: text, speaker: text, directives: { pose: text, sfx: [text], tween: [text] } },
      }),
      call(`/api/export/renpy?timeline_id=${inUrl}&project_id=${inUrl}`, {}),
      call(`/api/export/bundle?project_id=${inUrl}&override=${inUrl}`, {}),
      call('/jobs/submit', { type: text, payload: { [text]: text, perf: { ram_mb: text } } }),
      call('/api/advisory/ack', { user: text }),
      call(`/${inUrl}`),
    ]);
    for (const answer of answers) assert.ok(answer.status < 500, `${JSON.stringify(text)}: ${answer.text}`);
  }
  assert.equal((await call('/api/save/list')).status, 200);
  assert.deepEqual(readdirSync(settings.runtimeRoot).sort(), before);
  for (const name of readdirSync(join(settings.runtimeRoot, 'data/saves')))
    assert.match(name, /^[a-z0-9][a-z0-9_-]*\.json$/);
});

test('every document of the JSON test suite is parsed or refused, never a 5xx', async t => {
  if (!hasFixtures(t)) return;
  const { origin } = await startStudio(t);
  for (const [name, bytes] of jsonDocuments()) {
    for (const path of [
      '/api/scenario/validate',
      STEP,
      '/api/save/x',
      '/api/presentation/plan',
      '/jobs/submit',
    ]) {
      const { status } = await fetch(origin + path, { method: 'POST', body: new Uint8Array(bytes) });
      assert.ok(status < 500, `${name} ${path} ${status}`);
      if (name.startsWith('n_') && path !== '/jobs/submit')
        assert.ok(status >= 400, `${name} ${path} ${status}`);
    }
  }
});
