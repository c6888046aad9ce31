import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { AddressRules, webhookUrl } from '../../src/parts/hooks/webhooks/addresses.ts';
import { later, open, until } from './open.ts';

/** Ways to say an address that no webhook may reach; PORT is the listener's. */
const FORGED = [
  ...['127.0.0.1', '127.1', '127.0.1', '127.000.000.001', '0177.0.0.1', '0177.0.0.01', '0x7f.0.0.1'],
  ...['0x7f.1', '0x7f000001', '0X7F000001', '2130706433', '017700000001', '0', '0.0.0.0', '00.00.00.00'],
  ...['127.0.0.1.', '127.255.255.254', '127.0.0.2', 'localhost', 'LOCALHOST', 'localhost.', 'a.localhost'],
  ...['①②⑦.⓪.⓪.①', '127。0。0。1', '%31%32%37.0.0.1', '127.0.0.%31', '0x7f.0x0.0x0.0x1', '0177.0x0.0.1'],
  ...['[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]'],
  ...['[0:0:0:0:0:ffff:7f00:0001]', '[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...['[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[fe80::1]', '[fc00::1]', '[fd12::1]'],
  ...['[fec0::1]', '[ff02::1]', '[100::1]', '[2001:db8::1]', '[2001:10::1]', '[5f00::1]', '[3fff::1]'],
  ...[
    '10.0.0.1',
    '10.1',
    '0xa000001',
    '012.0.0.1',
    '167772161',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
  ],
  ...['0xc0a80101', '3232235777', '169.254.169.254', '0xa9fea9fe', '2852039166', '0251.0376.0251.0376'],
  ...['100.64.0.1', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1'],
  ...['240.0.0.1', '255.255.255.255', '[::ffff:169.254.169.254]', '[::ffff:10.0.0.1]', '[::ffff:a9fe:a9fe]'],
];
const WITH_LOGIN = [
  'http://user@127.0.0.1:PORT/',
  'http://user:pw@example.com:PORT/',
  'http://:pw@127.0.0.1:PORT/',
];
const BAD_SCHEMES = [
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/',
  'ftp://127.0.0.1:PORT/',
  'ws://127.0.0.1:PORT/',
];

/** Counts connections, to every address of this machine. */
async function witness(): Promise<{ port: number; connections: number }> {
  const seen = { port: 0, connections: 0 };
  const server = createServer(socket => {
    seen.connections += 1;
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>(resolve => server.listen(0, '::', resolve));
  seen.port = (server.address() as { port: number }).port;
  later(() => server.close());
  return seen;
}

/** A DNS server that gives the next of these addresses to each question for an A record. */
async function dns(
  answers: Record<string, readonly string[]>,
): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  const socket: Socket = createSocket('udp4');
  const turns = new Map<string, number>();
  socket.on('message', (query, peer) => {
    const labels: string[] = [];
    let at = 12;
    for (; query[at] !== 0; at += (query[at] as number) + 1)
      labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] as number)));
    const name = labels.join('.');
    const type = query.readUInt16BE(at + 1);
    const question = query.subarray(12, at + 5);
    const list = type === 1 ? answers[name] : undefined;
    const turn = turns.get(name) ?? 0;
    if (list !== undefined) {
      asked.push(name);
      turns.set(name, turn + 1);
    }
    const group = list?.[Math.min(turn, list.length - 1)]?.split('+') ?? [];
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(group.length, 6);
    head.writeUInt16BE(0, 10);
    const records = group.map(address =>
      Buffer.concat([
        Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]),
        Buffer.from(address.split('.').map(Number)),
      ]),
    );
    socket.send(Buffer.concat([head, question, ...records]), peer.port, peer.address);
  });
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve));
  later(() => socket.close());
  return { address: `127.0.0.1:${socket.address().port}`, asked };
}

test('no connection arrives for any way to say an address of this machine or network', async () => {
  assert.ok(FORGED.length >= 60, String(FORGED.length));
  const seen = await witness();
  const { obs } = await open({ code: { hooks: { allowPrivate: [], retrySeconds: [] as string[] } } });
  const urls = [
    ...FORGED.flatMap(host => [`http://${host}:PORT/`, `https://${host}:PORT/`]),
    ...WITH_LOGIN,
    ...BAD_SCHEMES,
  ].map(url => url.replace('PORT', String(seen.port)));
  let registered = 0;
  for (const url of urls) {
    await obs.hooks.addWebhook({ event: 'on_scene_enter', url }).then(
      () => {
        registered += 1;
      },
      error => assert.equal(error.code, 'PLIMSOLL_BAD_WEBHOOK', url),
    );
  }
  obs.hooks.emit('on_scene_enter', {});
  await until(() => obs.hooks.webhooks().every(webhook => webhook.dead === 1));
  assert.equal(registered, 0, 'every one is refused when it is registered');
  assert.equal(seen.connections, 0);
});

test('a name is judged by what it resolves to when it is connected to, every address of it', async () => {
  const seen = await witness();
  const names: Record<string, readonly string[]> = {
    'loop.test': ['127.0.0.1'],
    'private.test': ['10.1.2.3'],
    'meta.test': ['169.254.169.254'],
    'mixed.test': ['127.0.0.2+127.0.0.1'],
    'zero.test': ['0.0.0.0'],
  };
  const server = await dns(names);
  const { obs, ask } = await open({
    code: {
      hooks: { allowPrivate: ['127.0.0.2'], resolver: [server.address], retrySeconds: [] as string[] },
    },
  });
  for (const name of Object.keys(names))
    await obs.hooks.addWebhook({ event: 'on_scene_enter', url: `http://${name}:${seen.port}/` });
  obs.hooks.emit('on_scene_enter', {});
  await until(() => obs.hooks.webhooks().every(webhook => webhook.dead === 1));
  const { items } = (await ask('/api/hooks/dead-letters')).body;
  assert.deepEqual(
    [...new Set(items.map((item: { reason: string }) => item.reason))],
    ['address_not_allowed'],
  );
  assert.equal(seen.connections, 0);
});

test('a name that points elsewhere after it was checked leads nowhere: what was checked is connected to', async () => {
  const seen = await witness();
  const server = await dns({ 'rebind.test': ['127.0.0.2', '127.0.0.1'] });
  const { obs } = await open({
    code: {
      hooks: { allowPrivate: ['127.0.0.2'], resolver: [server.address], retrySeconds: [] as string[] },
    },
  });
  await obs.hooks.addWebhook({ event: 'on_scene_enter', url: `http://rebind.test:${seen.port}/` });
  obs.hooks.emit('on_scene_enter', {});
  await until(() => obs.hooks.webhooks()[0]?.pending === 0);
  // The one connection went to 127.0.0.2, with one question asked.
  assert.deepEqual([seen.connections, server.asked.length], [1, 1]);
  await new Promise(resolve => setTimeout(resolve, 100));
  obs.hooks.emit('on_scene_enter', {});
  await until(() => obs.hooks.webhooks()[0]?.dead === 1);
  assert.deepEqual([seen.connections, server.asked.length], [1, 2]);
});

test('what the operator lists may be reached: a host, an address, a range', () => {
  const url = (text: string, allow: string[]) => webhookUrl(text, new AddressRules(allow)) !== undefined;
  assert.ok(url('http://127.0.0.1/', ['127.0.0.1']));
  assert.ok(url('http://0x7f.1/', ['127.0.0.0/8']));
  assert.ok(url('http://localhost:8080/', ['localhost']));
  assert.ok(url('http://[::1]/', ['::1']));
  assert.ok(!url('http://127.0.0.2/', ['127.0.0.1']));
  assert.ok(!url('http://10.0.0.1/', ['192.168.0.0/16']));
  assert.ok(!url('http://localhost/', ['10.0.0.0/8']));
});

test('the public internet may be reached', () => {
  const rules = new AddressRules([]);
  for (const address of ['8.8.8.8', '93.184.216.34', '172.32.0.1', '192.169.0.1', '2606:2800:220:1::1'])
    assert.ok(rules.allows(address), address);
  for (const text of ['https://example.com/a?b=c', 'http://example.com:8080'])
    assert.ok(webhookUrl(text, rules), text);
});
