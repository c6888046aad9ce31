import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFixture } from './golden/fixture.ts';
import { folder, startStudio, until } from './support.ts';

/** One of each class: what shows itself, and prose that only the name of its field tells. */
const MARKERS = [
  ...['sk-proj-M4rk3rZk8Q1mX7vN2bT6wR9yL3', 'marker.person@example.org', '+31 6 48130697'],
  ...['52.481306, 4.357891', 'https://marker:hunter2marker@db.example.org/x'],
];
const PROSE = 'the marker words nobody may read';
const HIDDEN =
  /M4rk3rZk8|marker\.person|(?<![\w.])48130697|(?<![\w.])52\.4813|hunter2marker|marker words|(?<![\w.])481306977(?!\w)/;
const all = MARKERS.join(' ');

const FEATURES = [
  'enable_observability',
  'enable_crash_uploader',
  'enable_perf',
  'enable_hooks',
  'enable_providers',
  'enable_assets',
];
const CONSENT = { telemetry_opt_in: true, crash_opt_in: true, diagnostics_opt_in: true, dry_run: true };
// CI speaks for no user; this test does.
for (const name of ['CI', 'DO_NOT_TRACK']) delete process.env[name];

test('what is personal leaves studio in no line, hook, metric, count or dump; its own stories stay its own', async t => {
  const runtimeRoot = folder(t);
  mkdirSync(join(runtimeRoot, 'config'));
  const features = Object.fromEntries(FEATURES.map(name => [name, true]));
  writeFileSync(join(runtimeRoot, 'config/studio.json'), JSON.stringify({ features, telemetry: CONSENT }));
  writeFixture(runtimeRoot);
  const studio = await startStudio(t, { settings: { runtimeRoot }, obs: { ops: { adminToken: ['t'] } } });
  const lines: string[] = [];
  studio.obs.onLine(line => void lines.push(line));
  await drive(studio.call);
  await until(() => studio.raised.length > 0);
  const answers = await Promise.all(
    [
      '/metrics',
      '/ops/recent',
      '/api/modder/hooks',
      '/api/modder/hooks/history?limit=200',
      '/api/telemetry/events?limit=200',
      '/api/telemetry/hooks',
      '/api/telemetry/preview',
      '/api/crashes',
      '/health',
    ].map(
      async path =>
        [path, (await studio.call(path, undefined, { headers: { 'x-admin-token': 't' } })).text] as const,
    ),
  );
  await studio.close();
  const logs = readdirSync(join(runtimeRoot, 'logs'), { recursive: true }).map(name =>
    join(runtimeRoot, 'logs', String(name)),
  );
  const files = logs
    .filter(path => statSync(path).isFile())
    .map(path => [path, readFileSync(path, 'latin1')] as const);
  assert.ok(files.length > 1 && lines.length > 10 && answers.every(([, text]) => text.length > 2));
  assert.match(answers[3]![1], /\[email\]/, 'the markers came this far');
  for (const [sink, text] of [...answers, ...files, ...lines.map(line => ['line', line] as const)]) {
    const at = text.search(HIDDEN);
    assert.equal(at, -1, `${sink}: ${text.slice(Math.max(0, at - 200), at + 80)}`);
  }
});

async function drive(
  call: (path: string, body?: unknown, init?: RequestInit) => Promise<unknown>,
): Promise<void> {
  for (const text of [...MARKERS, all]) {
    const node = { id: 'a', text: PROSE, choices: [{ id: 'b', label: text, target: 'a' }] };
    const variables = { user_id: 481306977, caption: PROSE, note: text, [text]: text };
    const scene = { id: 'marked', title: text, start: 'a', variables, nodes: [node] };
    const inUrl = encodeURIComponent(text);
    await call('/api/scenario/validate', { scene });
    await call('/api/scenario/run/step', { scene, pov: text, choice_id: text });
    await call('/api/scenario/run/step', { scene });
    await call('/api/save/marked', { vars: variables, node_pointer: text, seed: 1, [text]: text });
    await call(`/api/save/${inUrl}`);
    await call('/api/presentation/plan', {
      scene_state: { scene_id: text },
      node: { id: text, speaker: text },
    });
    await call(`/api/export/renpy?timeline_id=${inUrl}&project_id=${inUrl}`, {});
    await call('/jobs/submit', { type: `render ${text}`, payload: { body: PROSE, ...variables } });
    await call('/api/advisory/ack', { user: text });
    await call(`/nothing/${inUrl}?q=${inUrl}`, undefined, {
      headers: { 'user-agent': text, cookie: text, authorization: text },
    });
    await call('/api/telemetry/events', { event: 'marked', payload: variables });
  }
}
