import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOOKS } from '@plimsoll/wire';
import { type HookRow, init } from 'plimsoll';
import { type EventBus, PORTS } from '../../src/kernel/ports.ts';
import { flags, folder, type Json, open, until } from './open.ts';

const HEX = /^[0-9a-f]{32}$/;

test('a listener gets what was given, and what leaves is redacted once by the catalogue', async () => {
  const { obs } = await open();
  const heard: unknown[] = [];
  obs.hooks.on('on_asset_registered', (event, data) => heard.push([event, data]));
  const given = {
    uid: 'asset-7',
    path: 'mods/hero.png',
    meta: { tags: ['hero'], author_email: 'ada@example.com', file: '/home/ada/hero.psd', api_key: 'sk-123' },
    sidecar: '/home/ada/hero.json',
    bytes: 12,
  };
  assert.equal(obs.hooks.emit('on_asset_registered', given), true);
  assert.equal((heard[0] as unknown[])[1], given);
  const [{ data, event, ts, id }] = obs.hooks.history() as Json;
  assert.equal(event, 'on_asset_registered');
  assert.ok(Math.abs(ts - Date.now() / 1000) < 60);
  assert.match(id, /^evt_[0-9a-f]{12}_1$/);
  assert.equal(data.uid, 'asset-7');
  assert.equal(data.path, 'mods/hero.png');
  assert.equal(data.bytes, 12);
  assert.deepEqual(data.meta.tags, ['hero']);
  assert.match(data.meta.author_email, HEX);
  assert.match(data.meta.file, HEX);
  assert.equal(data.meta.api_key, '[redacted]');
  assert.ok(!JSON.stringify(data).includes('/home/ada'), JSON.stringify(data));
});

test('an exposed path that is not relative leaves as a hash', async () => {
  const { obs } = await open();
  for (const path of [
    '/srv/mods/a.png',
    'C:\\mods\\a.png',
    '~/a.png',
    '../../a.png',
    'https://cdn.example/a.png',
  ]) {
    obs.hooks.emit('on_asset_removed', { path });
    assert.match((obs.hooks.history(1) as Json)[0].data.path, HEX, path);
  }
});

test('hooks about performance and people never expose an id', async () => {
  const { obs } = await open();
  const id = '9c1d0a3b5e7f42868a4b2c0d1e3f5a79';
  const payload = {
    job: { id, type: 'render', status: 'running', path: '/srv/x', owner: 'ada@example.com' },
  };
  obs.hooks.emit('on_perf_budget_state', { trigger: 'job.started', payload, timestamp: 1 });
  obs.hooks.emit('on_rating_decision', { item_id: 'item-48213', user_id: '48213', rating: 'mature' });
  const [perf, rating] = obs.hooks.history(2) as Json;
  assert.equal(perf.data.trigger, 'job.started');
  assert.equal(perf.data.timestamp, 1);
  assert.equal(perf.data.payload.job.type, 'render');
  assert.match(perf.data.payload.job.id, HEX);
  assert.notEqual(perf.data.payload.job.id, id);
  assert.equal(rating.data.rating, 'mature');
  const text = JSON.stringify([perf, rating]);
  for (const raw of [id, '/srv/x', 'ada@example.com', '48213']) assert.ok(!text.includes(raw), raw);
});

test('a name that the catalogue does not have is refused, counted and written at debug level', async () => {
  const { obs, lines, ask } = await open({ code: { metrics: { public: true } } as never });
  assert.equal(obs.hooks.emit('on_nothing', {}), false);
  assert.deepEqual(obs.hooks.history(), []);
  assert.ok(lines.some(line => line['msg'] === 'hook_unknown' && line['level'] === 'debug'));
  assert.throws(() => obs.hooks.on('on_nothing', () => {}), { code: 'PLIMSOLL_UNKNOWN_HOOK' });
  obs.hooks.off('on_nothing', () => {});
  const { body } = await ask('/metrics');
  assert.match(body, /plimsoll_hooks_events_total\{event="other"\} 1/);
});

test('a listener that throws or rejects is logged and felt by nobody', async () => {
  const { obs, lines } = await open();
  const heard: string[] = [];
  obs.hooks.on('on_scene_enter', () => {
    throw new Error('thrown');
  });
  obs.hooks.on('on_scene_enter', async () => {
    throw new Error('rejected');
  });
  obs.hooks.on('on_scene_enter', () => heard.push('third'));
  assert.equal(obs.hooks.emit('on_scene_enter', { scene_id: 's' }), true);
  assert.deepEqual(heard, ['third']);
  const failed = await until(() => {
    const found = lines.filter(line => line['msg'] === 'hook_failed');
    return found.length === 2 && found;
  });
  assert.deepEqual(
    failed.map(line => line['who']),
    ['listener', 'listener'],
  );
});

test('history keeps 200 of 201', async () => {
  const { obs, ask } = await open();
  for (let i = 1; i <= 201; i++) obs.hooks.emit('on_playtest_step', { step: i });
  const items = obs.hooks.history();
  assert.equal(items.length, 200);
  assert.deepEqual([items[0]?.data['step'], items.at(-1)?.data['step']], [2, 201]);
  const { body } = await ask('/api/hooks/history?limit=1000');
  assert.equal(body.items.length, 200);
});

test("an app's own hook is typed, in the catalogue and redacted by its marks", async () => {
  const { obs, ask } = await open();
  const paid = obs.hooks.define<{ order_id: string; email: string }>({
    name: 'on_order_paid',
    description: 'An order was paid',
    payload: {
      order_id: { type: 'text', about: 'Order', expose: true },
      email: { type: 'text', about: 'Who paid: leaves as a hash' },
    },
  });
  assert.equal(paid.emit({ order_id: 'o-1', email: 'ada@example.com' }), true);
  const [{ data }] = obs.hooks.history() as Json;
  assert.equal(data.order_id, 'o-1');
  assert.match(data.email, HEX);
  const { body } = await ask('/api/hooks');
  const entry = body.hooks.find((one: Json) => one.name === 'on_order_paid');
  assert.deepEqual(entry, {
    ...{ name: 'on_order_paid', description: 'An order was paid' },
    ...{ ws_topic: 'hooks.on_order_paid', rest_event: 'on_order_paid' },
    payload: { order_id: 'Order', email: 'Who paid: leaves as a hash' },
  });
  for (const name of ['on_order_paid', 'on_scene_enter', 'No', ''])
    assert.throws(() => obs.hooks.define({ name, description: 'x', payload: {} }), {
      code: 'PLIMSOLL_BAD_HOOK',
    });
});

test('records of the kind hook go to whoever listens to the kit', async () => {
  const { obs } = await open();
  const records: unknown[] = [];
  obs.on('hook', record => records.push(record));
  obs.hooks.emit('on_weather_changed', { scene_id: 's', weather: 'rain' });
  assert.equal((records[0] as Json).event, 'on_weather_changed');
  assert.deepEqual((records[0] as Json).data, { scene_id: 's', weather: 'rain' });
});

test('other parts raise hooks through the port, and telemetry gets the original through its own', async () => {
  const { obs, lines } = await open();
  const samples: unknown[] = [];
  obs.expose(PORTS.counters, () => ({
    hook(event: string, data: unknown) {
      samples.push([event, data]);
      if (samples.length > 1) throw new Error('the store is full');
      return true;
    },
  }));
  const bus = obs.read<EventBus>(PORTS.events);
  const data = { uid: 'a-1', user_email: 'ada@example.com' };
  assert.equal(bus?.emit('on_asset_saved', data), true);
  assert.equal(bus?.emit('on_asset_saved', data), true);
  assert.equal(bus?.emit('nope', data), false);
  assert.deepEqual(samples, [
    ['on_asset_saved', data],
    ['on_asset_saved', data],
  ]);
  assert.equal(obs.hooks.history().length, 2);
  assert.ok(lines.some(line => line['msg'] === 'hook_failed' && line['who'] === 'telemetry'));
});

test('what was defined and listened to while the bus is off counts once it is on, and no longer once it is off', async () => {
  const root = folder();
  const { obs } = await open({ root, on: false });
  const heard: unknown[] = [];
  const own = obs.hooks.define({ name: 'on_own', description: 'x', payload: {} });
  obs.hooks.on('on_own', (_event, data) => heard.push(data));
  assert.equal(own.emit({ n: 1 }), false);
  assert.deepEqual(obs.hooks.catalogue(), []);
  await assert.rejects(obs.hooks.addWebhook({ event: 'on_own', url: 'http://example.com' }), {
    code: 'PLIMSOLL_OFF',
  });
  flags(root, { enable_hooks: true });
  await until(() => obs.hooks.catalogue().length > 0);
  assert.equal(own.emit({ n: 2 }), true);
  flags(root, { enable_hooks: false });
  await until(() => obs.hooks.catalogue().length === 0);
  assert.equal(own.emit({ n: 3 }), false);
  assert.deepEqual(heard, [{ n: 2 }]);
});

test('with everything off, hooks are functions that do nothing', async () => {
  const obs = await init({ enabled: false });
  const own = obs.hooks.define({ name: 'on_own', description: 'x', payload: {} });
  obs.hooks.on('on_own', () => assert.fail());
  assert.equal(own.emit({}), false);
  assert.equal(obs.hooks.emit('on_scene_enter', {}), false);
  assert.deepEqual(obs.hooks.webhooks(), []);
});

test('the catalogue has every entry once, with a line for each field', () => {
  assert.equal(HOOKS.length, 38);
  assert.equal(new Set(HOOKS.map(row => row.name)).size, HOOKS.length);
  for (const row of HOOKS) {
    assert.ok(row.description.length > 10 && !row.description.endsWith('.'), row.name);
    for (const field of Object.values(row.payload)) assert.ok(field.about.length > 3, row.name);
  }
  const perf = HOOKS.filter(row => row.name.startsWith('on_perf_'));
  assert.deepEqual(
    perf.map(row => [Object.keys(row.payload), (row as HookRow).ids]),
    [
      [['trigger', 'payload', 'timestamp'], 'hash'],
      [['trigger', 'payload', 'timestamp'], 'hash'],
    ],
  );
});
