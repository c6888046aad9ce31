import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, tail, until } from './open.ts';

test('a client that says nothing gets every hook from the first moment on', async () => {
  const { obs, url } = await open();
  const { messages } = await tail(`${url}/api/hooks/ws`);
  await until(() => messages.length === 1);
  assert.deepEqual(messages[0], { ok: true, subscribed: obs.hooks.catalogue().map(entry => entry.name) });
  obs.hooks.emit('on_scene_enter', { node: 'a' });
  obs.hooks.emit('on_asset_removed', { uid: 'u' });
  await until(() => messages.length === 3);
  assert.deepEqual(
    messages.slice(1).map(message => message.event),
    ['on_scene_enter', 'on_asset_removed'],
  );
  assert.deepEqual(messages.slice(1), obs.hooks.history());
});

test('topics come by name or by ws_topic, in the query or in a message, and change', async () => {
  const { obs, url } = await open();
  const { ws, messages } = await tail(`${url}/api/hooks/ws?topics=on_asset_removed,audio.mix.rendered`);
  const events = () => messages.filter(message => message.event).map(message => message.event);
  const raise = () => {
    for (const name of ['on_scene_enter', 'on_asset_removed', 'on_audio_mix_rendered'] as const)
      obs.hooks.emit(name, {});
  };
  const acks = () => messages.filter(message => message.ok === true);
  const say = async (message: unknown) => {
    const before = acks().length;
    ws.send(JSON.stringify(message));
    await until(() => acks().length > before);
    return acks().at(-1).subscribed;
  };
  await until(() => messages.length === 1);
  assert.deepEqual(messages[0].subscribed, ['on_asset_removed', 'on_audio_mix_rendered']);
  raise();
  await until(() => events().length === 2);
  assert.deepEqual(await say({ topics: ['on_asset_removed'] }), ['on_asset_removed']);
  raise();
  await until(() => events().length === 3);
  assert.equal(events().at(-1), 'on_asset_removed');
  assert.deepEqual(await say({ subscribe: 'hooks.on_scene_enter' }), ['on_asset_removed', 'on_scene_enter']);
  assert.deepEqual(await say({ unsubscribe: ['on_asset_removed'] }), ['on_scene_enter']);
  raise();
  await until(() => events().length === 4);
  assert.equal(events().at(-1), 'on_scene_enter');
  for (const all of [{ topics: 'x' }, {}, 'no json {']) assert.equal((await say(all)).length, 38);
  raise();
  await until(() => events().length === 7);
});

test('an unknown topic is an error frame and the end', async () => {
  const { url } = await open();
  const asked = await tail(`${url}/api/hooks/ws`);
  asked.ws.send(JSON.stringify({ topics: ['on_scene_enter', 'nope', 'nada'] }));
  assert.equal((await asked.closed).code, 1008);
  assert.deepEqual(asked.messages.at(-1), { ok: false, error: 'unknown topics: nope, nada' });
  const queried = await tail(`${url}/api/hooks/ws?topics=nope`);
  assert.equal((await queried.closed).code, 1008);
});

test('after a silence the client gets a ping', async () => {
  const { url } = await open({ code: { hooks: { pingMs: 100 } } });
  const { messages } = await tail(`${url}/api/hooks/ws`);
  await until(() => messages.filter(message => message.ping === true).length >= 2);
  assert.deepEqual(messages[1], { ping: true });
});

test('the silence is 20 seconds unless an option says otherwise', async () => {
  const { obs } = await open();
  assert.equal(obs.config.get('hooks.pingMs'), 20_000);
});

test('a client that comes back gets what it missed, and is told what is no longer kept', async () => {
  const { obs, url } = await open({ code: { hooks: { history: 10 } } });
  for (let i = 1; i <= 5; i++) obs.hooks.emit('on_playtest_step', { step: i });
  const third = obs.hooks.history()[2]?.id;
  const back = await tail(`${url}/api/hooks/ws?after=${third}`);
  await until(() => back.messages.length === 3);
  assert.deepEqual(
    back.messages.slice(1).map(message => message.data.step),
    [4, 5],
  );
  for (let i = 6; i <= 20; i++) obs.hooks.emit('on_playtest_step', { step: i });
  const late = await tail(`${url}/api/hooks/ws?after=${third}&topics=on_playtest_step`);
  await until(() => late.messages.length === 12);
  assert.deepEqual(late.messages[1], { overflow: { missed: 7, after: third } });
  assert.equal(late.messages[2].data.step, 11);
  const other = await tail(`${url}/api/hooks/ws?after=evt_000000000000_3`);
  await until(() => other.messages.length === 12);
  assert.equal(other.messages[1].overflow.missed, null);
});

test('permessage-deflate is off unless asked for', async () => {
  const off = await open();
  assert.equal((await tail(`${off.url}/api/hooks/ws`)).ws.extensions, '');
  const on = await open({ code: { hooks: { deflate: true, prefix: '/api/hooks' } } });
  assert.match((await tail(`${on.url}/api/hooks/ws`)).ws.extensions, /permessage-deflate/);
});

test('echo gives back what it gets, in development only', async () => {
  const { url } = await open();
  const { ws } = await tail(`${url}/api/hooks/ws?echo=1`);
  ws.removeAllListeners('message');
  const back = new Promise<[Buffer, boolean]>(resolve =>
    ws.on('message', (data, binary) => resolve([data as Buffer, binary])),
  );
  ws.send(Buffer.from([0, 1, 255]));
  assert.deepEqual(await back, [Buffer.from([0, 1, 255]), true]);
});

test('clients beyond the limit are turned away', async () => {
  const { url } = await open({ code: { hooks: { maxClients: 1 } } });
  await tail(`${url}/api/hooks/ws`);
  await assert.rejects(tail(`${url}/api/hooks/ws`), /503/);
});

test('a client is told that the process goes away, and the drain does not wait for it', async () => {
  const { obs, url } = await open({ code: { drain: { enabled: true, delayMs: 0, finishMs: 5000 } } });
  const { closed } = await tail(`${url}/api/hooks/ws`);
  await obs.read<{ run(): Promise<void> }>('drain')?.run();
  assert.equal((await closed).code, 1001);
});

test('when the bus is turned off its clients are let go', async () => {
  const { obs, url } = await open();
  const { closed } = await tail(`${url}/api/hooks/ws`);
  await obs.close();
  assert.ok([1001, 1006].includes((await closed).code));
});
