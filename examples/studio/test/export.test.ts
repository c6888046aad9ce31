import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import type { StudioOptions } from '../src/app.ts';
import { writeFixture } from './golden/fixture.ts';
import { type Json, type Running, startStudio } from './support.ts';

const RENPY = '/api/export/renpy?timeline_id=main&project_id=demo';
const BUNDLE = '/api/export/bundle?project_id=demo&timeline_id=main';
const POST = { method: 'POST' };

async function withFixture(t: TestContext, options: StudioOptions = {}): Promise<Running> {
  const studio = await startStudio(t, options);
  writeFixture(studio.settings.runtimeRoot);
  return studio;
}

function put({ settings }: Running, path: string, value: unknown): void {
  const file = join(settings.runtimeRoot, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
}

const filesOf = (zip: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(unzipSync(readFileSync(zip))).map(([name, bytes]) => [name, strFromU8(bytes)]),
  );
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('a script has a label for each scene, in the order of the timeline', async t => {
  const { call, settings } = await withFixture(t);
  const { status, body } = await call(RENPY, undefined, POST);
  assert.equal(status, 200);
  assert.deepEqual(body.scene_ids, ['intro', 'ending']);
  assert.deepEqual(body.labels[0], {
    scene_id: 'intro',
    label: 'intro',
    source: 'data/scenes/intro.json',
    title: 'Intro',
  });
  assert.ok(body.script.startsWith(settings.runtimeRoot) && body.script.startsWith(body.renpy_project));
  const script = readFileSync(body.script, 'utf8');
  assert.match(script, /label start:\n {4}jump intro\n/);
  assert.match(
    script,
    /"hero" "Two paths lie ahead\."\n {4}menu:\n {8}"Left":\n {12}jump intro__left_path\n/,
  );
  assert.match(script, /label intro__ending:\n {4}"The sea\."\n {4}jump ending\n/);
});

test('text of a story is no code in the script, and labels are words that differ', async t => {
  const studio = await withFixture(t);
  const text = 'He said "50% [off] {b}"\\\nlabel evil:';
  for (const id of ['a-b', 'a.b', '9lives'])
    put(studio, `data/scenes/${id}.json`, { id, start: 'x', nodes: [{ id: 'x', text }] });
  put(studio, 'data/timelines/odd.json', { scenes: ['a-b', { id: 'a.b' }, '9lives', 'a-b'] });
  const { body } = await studio.call('/api/export/renpy?timeline_id=odd', undefined, POST);
  assert.deepEqual(
    body.labels.map(({ label }: Json) => label),
    ['a_b', 'a_b_2', 'section_9lives'],
  );
  const script = readFileSync(body.script, 'utf8');
  assert.ok(script.includes(String.raw`"He said \"50%% [[off] {{b}\"\\\nlabel evil:"`), script);
  assert.ok(!/^label evil/m.test(script));
});

test('a bundle holds what its provenance says, digests included', async t => {
  const { call } = await withFixture(t);
  const { body } = await call(BUNDLE, undefined, POST);
  const files = filesOf(body.bundle);
  assert.deepEqual(Object.keys(files).sort(), [
    ...['README.txt', 'assets/hero/base.png', 'characters/hero.json', 'manifest.json', 'provenance.json'],
    ...['renpy_project/game/script.rpy', 'scenes/ending.json', 'scenes/intro.json', 'timelines/main.json'],
  ]);
  assert.deepEqual(JSON.parse(files['provenance.json']!), body.provenance);
  const { scenes, timeline, assets, renpy_project } = body.provenance;
  assert.equal(sha256(files['scenes/intro.json']!), scenes.intro.sha256);
  assert.equal(sha256(files['timelines/main.json']!), timeline.sha256);
  assert.equal(sha256(files['assets/hero/base.png']!), assets[0].sha256);
  assert.equal(sha256(files['renpy_project/game/script.rpy']!), renpy_project.script_sha256);
  const manifest = JSON.parse(files['manifest.json']!);
  assert.deepEqual(
    [manifest.id, manifest.engine, manifest.timeline_id, manifest.scenes, manifest.assets, manifest.licenses],
    ['demo', 'renpy', 'main', ['intro', 'ending'], ['hero/base.png'], ['CC-BY-4.0']],
  );
});

test('a bundle makes a timeline of its own where there is none, and adds the text of a licence', async t => {
  const studio = await withFixture(t);
  put(studio, 'data/projects/free.json', { scenes: ['ending'], license_text: 'Do as you like.' });
  for (const query of ['project_id=free', 'project_id=free&timeline_id=nowhere']) {
    const { status, body } = await studio.call(`/api/export/bundle?${query}`, undefined, POST);
    assert.deepEqual([status, body.provenance.timeline.source, body.findings], [200, 'generated', []]);
    const files = filesOf(body.bundle);
    assert.equal(files['LICENSE.txt'], 'Do as you like.');
    assert.deepEqual(JSON.parse(files[`timelines/${body.provenance.timeline.id}.json`]!).scene_order, [
      'ending',
    ]);
  }
});

test('an export holds nothing of one before it, also when many run at once', async t => {
  const studio = await withFixture(t);
  const { body: first } = await studio.call(RENPY, undefined, POST);
  writeFileSync(join(first.renpy_project, 'game/left-over.rpy'), 'old');
  put(studio, 'data/projects/other.json', { scenes: ['ending'] });
  await Promise.all([...'1234'].map(() => studio.call(RENPY, undefined, POST)));
  assert.deepEqual(readdirSync(first.renpy_project, { recursive: true }).sort(), ['game', 'game/script.rpy']);
  assert.deepEqual(readdirSync(dirname(first.renpy_project)), ['main'], 'nothing half done is left');
  const other = '/api/export/bundle?project_id=other';
  const bodies = await Promise.all([BUNDLE, other, BUNDLE].map(path => studio.call(path, undefined, POST)));
  assert.equal(new Set(bodies.map(({ body }) => body.bundle)).size, 3);
  const files = Object.keys(filesOf(bodies[1]!.body.bundle));
  assert.deepEqual(
    files.filter(name => /^(scenes|assets|characters)\//.test(name)),
    ['scenes/ending.json'],
  );
});

test('the notice is in the gate until somebody acknowledges it, also after a restart', async t => {
  const studio = await withFixture(t);
  const { gate } = (await studio.call(RENPY, undefined, POST)).body;
  assert.deepEqual([gate.allow, gate.requires_ack, gate.disclaimer.acknowledged], [true, true, false]);
  assert.equal(gate.warnings.length, 1);
  assert.equal((await studio.call('/api/advisory/ack', {})).status, 422);
  const { status, body } = await studio.call('/api/advisory/ack', { user: 'me' });
  assert.deepEqual([status, body.ok, body.disclaimer.acknowledged], [200, true, true]);
  assert.ok(!JSON.stringify(body).includes('"me"'));
  const again = await startStudio(t, { settings: studio.settings });
  const after = (await again.call(`${BUNDLE}&override=true`, undefined, POST)).body.gate;
  assert.deepEqual([after.requires_ack, after.warnings, after.override_requested], [false, [], true]);
});

test('assets without a licence are a finding, written down and told to the hooks', async t => {
  const { call, raised } = await withFixture(t);
  const { enforcement, findings } = (await call(BUNDLE, undefined, POST)).body;
  assert.deepEqual([enforcement.allow, enforcement.counts], [true, { info: 0, warn: 1, block: 0 }]);
  const [{ kind, severity, level, target_id, detail, resolved, notes }] = findings;
  assert.deepEqual([kind, severity, level, target_id], ['policy', 'warn', 'warn', 'project:demo:assets']);
  assert.deepEqual([detail.assets_without_license, resolved, notes], [['hero/base.png'], false, []]);
  const lines = readFileSync(enforcement.log_path, 'utf8').trim().split('\n');
  assert.equal(JSON.parse(lines.at(-1)!).findings[0].issue_id, findings[0].issue_id);
  assert.deepEqual(
    raised.map(({ event, data }) => [event, data.action]),
    [['on_policy_enforced', 'export.bundle']],
  );
});

test('a policy that blocks is 423, and nothing is exported', async t => {
  const policy = {
    source: 'test',
    judge: () => [{ severity: 'block' as const, target_id: 'project:demo', message: 'not today' }],
  };
  const { call, settings, raised } = await withFixture(t, { policy });
  for (const path of [RENPY, BUNDLE]) {
    const { status, body } = await call(path, undefined, POST);
    assert.deepEqual([status, body.ok, body.message], [423, false, 'policy blocks this export']);
    assert.deepEqual([body.enforcement.allow, body.enforcement.blocked[0].message], [false, 'not today']);
  }
  assert.ok(!existsSync(join(settings.runtimeRoot, 'exports')));
  assert.equal(raised.length, 2);
});

test('what is not there, not whole or not a name is refused', async t => {
  const studio = await withFixture(t);
  put(studio, 'data/projects/empty.json', {});
  put(studio, 'data/projects/broken.json', '{');
  put(studio, 'data/projects/lost.json', { scenes: ['nowhere'] });
  put(studio, 'data/projects/climb.json', {
    scenes: ['ending'],
    assets: [{ path: '../data/advisory.json' }],
  });
  put(studio, 'data/scenes/bad.json', { id: 'bad', start: 'x', nodes: [{ id: 'y' }] });
  put(studio, 'data/timelines/bad.json', { scenes: ['bad'] });
  put(studio, 'data/timelines/none.json', { scenes: [] });
  const [renpy, bundle] = ['/api/export/renpy?', '/api/export/bundle?'];
  const cases: [path: string, status: number, message: string][] = [
    [renpy, 422, 'validation_error'],
    [bundle, 422, 'validation_error'],
    [`${renpy}timeline_id=..%2F..%2Fx`, 422, 'validation_error'],
    [`${renpy}timeline_id=..`, 422, 'validation_error'],
    [`${bundle}project_id=a%2Fb`, 422, 'validation_error'],
    [`${bundle}project_id=.hidden`, 422, 'validation_error'],
    [`${renpy}timeline_id=nope`, 404, "timeline 'nope' not found"],
    [`${renpy}timeline_id=main&project_id=nope`, 404, "project 'nope' not found"],
    [`${bundle}project_id=nope`, 404, "project 'nope' not found"],
    [`${bundle}project_id=lost`, 404, "scene 'nowhere' not found"],
    [`${bundle}project_id=empty`, 400, 'no scenes to export'],
    [`${renpy}timeline_id=none`, 400, 'no scenes to export'],
    [`${bundle}project_id=broken`, 400, "project 'broken' is not valid"],
    [`${bundle}project_id=climb`, 400, "project 'climb' is not valid"],
    [`${renpy}timeline_id=bad`, 400, 'scene is not valid'],
  ];
  for (const [path, status, message] of cases) {
    const answer = await studio.call(path, undefined, POST);
    assert.deepEqual([answer.status, answer.body.message], [status, message], path);
  }
});

test('a link among the assets leads nowhere outside', async t => {
  const studio = await withFixture(t);
  const { settings } = studio;
  put(studio, 'secret.txt', 'hunter2');
  symlinkSync(join(settings.runtimeRoot, 'secret.txt'), join(settings.runtimeRoot, 'assets/link.txt'));
  put(studio, 'data/projects/linked.json', { scenes: ['ending'], assets: [{ path: 'link.txt' }] });
  const { status, body } = await studio.call('/api/export/bundle?project_id=linked', undefined, POST);
  assert.deepEqual([status, body.message], [400, 'asset path leaves the assets folder']);
});
