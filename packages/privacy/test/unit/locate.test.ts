import assert from 'node:assert/strict';
import { test } from 'node:test';
import { line, privacy } from '../support/privacy.ts';

test('a URL loses login, query and fragment', () => {
  const { url } = privacy();
  assert.equal(url('https://me:pw@example.org:8443/a/b?x=1#y'), 'https://example.org:8443/a/b');
  assert.equal(url('https://me@evil@example.org/'), 'https://example.org/');
  assert.equal(url('/a?token=1'), '/a');
  assert.equal(url('not a url'), 'not a url');
});

const PLACES: readonly (readonly [string, string])[] = [
  ['/users/48213', '/users/:id'],
  ['/users/48213/posts?x=1', '/users/:id/posts'],
  ['/a/6d7c9f52-2a1f-4f0a-9d55-0e9f0a3c7711', '/a/:id'],
  ['/chat/messages', '/chat/messages'],
  ['/api/v1/oauth2/users/u-1/room_7', '/api/v1/oauth2/users/:id/:id'],
  ['/near/52.012345/-4.357891/x', '/near/:id/:id/x'],
  ['/near/52.0123,4.3578', '/near/:id'],
  ['/rooms/what%20nobody%20may%20read', '/rooms/:id'],
  ['https://me:pw@example.org/users/48213?x', 'https://example.org/users/:id'],
  ['https://example.org', 'https://example.org'],
  ['/home/anna/projects/scene.png', 'scene.png'],
  ['/home/anna', '~'],
  ['C:\\Users\\anna\\', '~'],
  ['C:\\Users\\anna\\a.png', 'a.png'],
  ['file:///home/anna/a.png', 'a.png'],
  ['assets/scenes/a.png', 'a.png'],
  ['/uploads/48213.png', ':id.png'],
  ['a.png', 'a.png'],
];

test('in a log a locator is a base name, or a template of the route', () => {
  for (const [given, wanted] of PLACES) assert.equal(line({ path: given })['path'], wanted);
});

test('a storage key is not shown at all', () => {
  assert.equal(line({ file_key: 'uploads/a/b.png' })['file_key'], '[redacted]');
  assert.equal('storageKey' in privacy().attributes({ storageKey: 'uploads/b.png' }, 'spans'), false);
});
