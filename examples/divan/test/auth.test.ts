import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asking, startDivan, tokenFor } from './support.ts';

const WHO = '/presence/status/self';

test('in development a header names the user', async t => {
  const divan = await startDivan(t);
  assert.equal((await divan.call(WHO, { as: 'u-1' })).status, 200);
  assert.equal((await divan.call(WHO, { as: 'u 1' })).status, 401);
  assert.equal((await divan.call(WHO, { as: 'u-1', campus: 'no such campus' })).status, 401);
});

test('outside development only a token does', async t => {
  const divan = await startDivan(t, { obs: { env: 'production' } });
  const bearer = (token: string): Asking => ({ headers: { authorization: `Bearer ${token}` } });
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const payload = Buffer.from('{"sub":"u-1"}').toString('base64url');
  const refused: [string, Asking][] = [
    ['nothing', {}],
    ['a header', { as: 'u-1', headers: { 'X-User-Roles': 'admin' } }],
    ['another key', bearer(await tokenFor('u-1', { secret: 'another key that is also long enough' }))],
    ['an old token', bearer(await tokenFor('u-1', { expires: -60 }))],
    ['no signature', bearer(`${none}.${payload}.`)],
    ['nonsense', bearer('x')],
    [
      'an empty bearer and a cookie',
      { headers: { authorization: 'Bearer ', cookie: `access_token=${await tokenFor('u-1')}` } },
    ],
    [
      'a cookie from another site',
      { headers: { cookie: `access_token=${await tokenFor('u-1')}`, 'sec-fetch-site': 'cross-site' } },
    ],
  ];
  for (const [what, asking] of refused) {
    const { status, body, headers } = await divan.call(WHO, asking);
    assert.equal(status, 401, what);
    assert.deepEqual(body, { detail: 'invalid_token', request_id: headers.get('x-request-id') });
  }
  assert.equal((await divan.call(WHO, bearer(await tokenFor('u-1')))).status, 200);
  const cookie = `theme=dark; access_token=${await tokenFor('u-1')}; lang=nl`;
  assert.equal((await divan.call(WHO, { headers: { cookie } })).status, 200);
});

test('a wrong token is refused in development too, whatever the header says', async t => {
  const divan = await startDivan(t);
  assert.equal((await divan.call(WHO, { as: 'u-1', headers: { authorization: 'Bearer x' } })).status, 401);
});

test('a token speaks for its subject and its campus', async t => {
  const divan = await startDivan(t);
  const headers = {
    authorization: `Bearer ${await tokenFor('u-7', { campus_id: 'c-1', roles: ['student'] })}`,
  };
  const sent = await divan.call('/chat/messages', {
    as: 'u-1',
    headers,
    body: { to_user_id: 'u-2', body: 'hi' },
  });
  assert.equal(sent.body.sender_id, 'u-7');
});

test('without a secret outside development, start-up health says so', async t => {
  const divan = await startDivan(t, { settings: {}, obs: { env: 'production' } });
  const { status, body } = await divan.call('/health/startup');
  assert.equal(status, 503);
  assert.deepEqual(body.errors, [{ field: 'JWT_SECRET', code: 'missing_secret' }]);
});
