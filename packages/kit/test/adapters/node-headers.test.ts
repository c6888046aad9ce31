import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { init } from 'plimsoll';

/** Every way that Node has to write a head, without our header in it and with one of the service's. */
const ways: Readonly<Record<string, { plain(res: ServerResponse): void; own(res: ServerResponse): void }>> = {
  'by the end alone': {
    plain: res => void res.end('x'),
    own: res => void res.setHeader('x-request-id', 'mine').end('x'),
  },
  'by an object': {
    plain: res => void res.writeHead(200, { 'x-kind': 'a' }).end('x'),
    own: res => void res.writeHead(200, { 'X-REQUEST-ID': 'mine' }).end('x'),
  },
  'by an object after a reason': {
    plain: res => void res.writeHead(200, 'Fine', { 'x-kind': 'a' }).end('x'),
    own: res => void res.writeHead(200, 'Fine', { 'x-request-id': 'mine' }).end('x'),
  },
  'by an array': {
    plain: res => void res.writeHead(200, ['x-kind', 'a']).end('x'),
    own: res => void res.writeHead(200, ['x-request-id', 'mine']).end('x'),
  },
  'by an object after single ones': {
    plain: res => void res.setHeader('x-other', 'b').writeHead(200, { 'x-kind': 'a' }).end('x'),
    own: res => void res.setHeader('x-request-id', 'mine').writeHead(200, { 'x-kind': 'a' }).end('x'),
  },
  early: {
    plain(res) {
      res.flushHeaders();
      res.end('x');
    },
    own(res) {
      res.setHeader('x-request-id', 'mine').flushHeaders();
      res.end('x');
    },
  },
};

test('an answer carries the id however its head is written, and one of the service stays', async t => {
  const obs = await init({ service: 'heads', log: { stdout: false } });
  t.after(() => obs.close());
  const server = createServer(
    obs.handler((req, res) => {
      const [, way = '', whose] = decodeURIComponent(req.url ?? '').split('/');
      ways[way]?.[whose as 'own'](res);
    }),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  for (const way of Object.keys(ways)) {
    const ask = async (whose: string): Promise<string | null> => {
      const headers = { 'x-request-id': 'from-the-caller' };
      const answer = await fetch(`http://127.0.0.1:${port}/${encodeURIComponent(way)}/${whose}`, { headers });
      assert.equal(await answer.text(), 'x', way);
      return answer.headers.get('x-request-id');
    };
    assert.equal(await ask('plain'), 'from-the-caller', way);
    assert.equal(await ask('own'), 'mine', way);
  }
});
