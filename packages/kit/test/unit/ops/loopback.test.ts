import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isForeignWrite, isLocal } from '../../../src/ops/loopback.ts';

const ask = (headers: Record<string, string>, method = 'GET'): Request =>
  new Request('http://localhost/api', { method, headers: { host: 'localhost:8000', ...headers } });

test('a loopback peer with a loopback Host and no proxy is local', () => {
  for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
    for (const host of ['localhost', 'localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'LOCALHOST:1']) {
      assert.equal(isLocal(ask({ host }), { address }), true, `${address} ${host}`);
    }
  }
});

test('any other peer, name or proxy header is not', () => {
  const loop = { address: '127.0.0.1' };
  assert.equal(isLocal(ask({}), {}), false);
  for (const address of ['10.0.0.1', '0.0.0.0', '::', '2001:db8::1', '::ffff:10.0.0.1', 'nonsense', '']) {
    assert.equal(isLocal(ask({}), { address }), false, address);
  }
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'a b',
    'localhost, evil.example',
  ]) {
    assert.equal(isLocal(ask({ host }), loop), false, host);
  }
  for (const name of [
    'forwarded',
    'x-forwarded-for',
    'X-Forwarded-Host',
    'x-forwarded-proto',
    'x-forwarded-anything',
  ]) {
    assert.equal(isLocal(ask({ [name]: '127.0.0.1' }), loop), false, name);
  }
});

test('a write from a browser needs the origin of this server; tools send none', () => {
  const write = (headers: Record<string, string>) => isForeignWrite(ask(headers, 'POST'));
  assert.equal(write({}), false);
  assert.equal(write({ origin: 'http://localhost:8000' }), false);
  assert.equal(write({ origin: 'http://localhost:9000' }), true);
  assert.equal(write({ origin: 'http://127.0.0.1:8000' }), true);
  assert.equal(write({ origin: 'null' }), true);
  assert.equal(write({ origin: 'chrome-extension://localhost:8000' }), true);
  assert.equal(write({ 'sec-fetch-site': 'cross-site' }), true);
  assert.equal(isForeignWrite(ask({ origin: 'http://evil.example' })), false);
});
