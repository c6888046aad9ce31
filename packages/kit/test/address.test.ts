import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { decodeTraces } from '@plimsoll/wire';
import { init } from 'plimsoll';

interface Told {
  readonly service: string;
  readonly url: string;
  readonly token: string;
}

/** Something that is told addresses; it refuses the first time, as a console does while nothing answers there. */
async function ear(t: TestContext): Promise<{ url: string; told: Told[]; next(): Promise<Told> }> {
  const told: Told[] = [];
  let woken = () => {};
  const server = createServer(async (req, res) => {
    let text = '';
    for await (const piece of req) text += piece;
    told.push(JSON.parse(text) as Told);
    res.writeHead(told.length === 1 ? 409 : 204).end();
    woken();
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const next = async () => {
    const seen = told.length;
    while (told.length === seen) {
      await new Promise<void>(done => {
        woken = done;
      });
    }
    return told.at(-1)!;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`, told, next };
}

async function serve(t: TestContext, listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a console is told where the app listens, and a token that opens the ops API, again until it believes it', async t => {
  const console = await ear(t);
  const obs = await init({ service: 'told', env: 'development', ops: { announce: console.url } });
  t.after(() => obs.close());
  const first = console.next();
  const url = await serve(
    t,
    obs.handler((_req, res) => res.end('app')),
  );
  assert.equal((await first).url, url);
  const second = await console.next();
  assert.deepEqual([second.service, second.url], ['told', url]);
  const ask = (token: string) => fetch(`${url}/ops/`, { headers: { 'x-admin-token': token } });
  assert.equal((await ask(second.token)).status, 200);
  assert.equal((await ask('a guess')).status, 403);
});

test('an app that has a token tells that one', async t => {
  const console = await ear(t);
  const ops = { announce: console.url, adminToken: ['its-own', 'the-old-one'] };
  const obs = await init({ service: 'told', env: 'development', ops });
  t.after(() => obs.close());
  const told = console.next();
  await serve(
    t,
    obs.handler(() => {}),
  );
  assert.equal((await told).token, 'its-own');
});

test('a port of its own is told, and not the app’s', async t => {
  const console = await ear(t);
  const told = console.next();
  const obs = await init({ service: 'told', env: 'development', ops: { announce: console.url, port: 0 } });
  t.after(() => obs.close());
  await serve(
    t,
    obs.handler(() => {}),
  );
  const { url } = await told;
  assert.equal(Number(new URL(url).port), obs.read<AddressInfo>('ops-address')?.port);
  assert.equal(obs.read('ops-url'), url);
});

test('in development the address is known once the app listens; in production nobody looks for it', async t => {
  for (const env of ['development', 'production']) {
    const obs = await init({ service: 'told', env });
    assert.equal(obs.read('ops-url'), undefined);
    const url = await serve(
      t,
      obs.handler(() => {}),
    );
    assert.equal(obs.read('ops-url'), env === 'development' ? url : undefined);
    await obs.close();
  }
});

test('OTLP sends the address once it is known', async t => {
  const urls: unknown[] = [];
  const endpoint = await serve(t, async (req, res) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of req) pieces.push(piece);
    for (const { resource } of decodeTraces(Buffer.concat(pieces)))
      urls.push(resource.attributes['plimsoll.ops.url']);
    res.end();
  });
  const obs = await init({
    ...{ service: 'told', env: 'development', otlp: { endpoint } },
    ...{ metrics: { enabled: false }, log: { stdout: false } },
  });
  t.after(() => obs.close());
  const otlp = () => obs.read<{ flush(): Promise<boolean> }>('otlp')!;
  obs.trace.start('before').end();
  await otlp().flush();
  const url = await serve(
    t,
    obs.handler(() => {}),
  );
  obs.trace.start('after').end();
  await otlp().flush();
  assert.deepEqual([urls.at(0), urls.at(-1)], [undefined, url]);
});

test('an address beyond this machine is told nothing', async t => {
  const obs = await init({ service: 'told', env: 'development', ops: { announce: 'http://192.0.2.1/' } });
  t.after(() => obs.close());
  const url = await serve(
    t,
    obs.handler(() => {}),
  );
  assert.equal(obs.read('ops-url'), url);
});
