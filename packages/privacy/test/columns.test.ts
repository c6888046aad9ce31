import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POLICY } from '@plimsoll/privacy';
import { COLUMNS, line, privacy } from './support/privacy.ts';

const ONE_OF_EACH = {
  token: 'marker',
  caption: 'hello',
  user_id: 48213,
  email: 'anna@example.org',
  path: '/users/48213',
  lat: 52.5243,
  size: 7,
  note: 'x',
};

const digest = privacy().hash(48213, 'user_id');
const mail = privacy().hash('anna@example.org', 'email');
const place = privacy().hash('/users/48213', 'locator');
const kept = { size: 7, note: 'x' };

test('every class is treated in every column as the decision table says', () => {
  const p = privacy();
  const redact = (column: (typeof COLUMNS)[number]) => p.redact(ONE_OF_EACH, column);
  const secret = { token: '[redacted]' };
  const hashed = { caption_length: 5, user_id: digest, email: mail };
  const logs = {
    ...secret,
    caption_length: 5,
    user_id: digest,
    email: '[redacted]',
    path: '/users/:id',
    lat: '[redacted]',
  };
  assert.deepEqual(redact('logs'), { ...logs, ...kept });
  assert.deepEqual(redact('telemetry'), { ...secret, ...hashed, path: place, ...kept });
  assert.deepEqual(redact('hooks'), { ...secret, ...hashed, path: place, ...kept });
  assert.deepEqual(redact('dumps'), { ...secret, ...hashed, path: '/users/:id', ...kept });
  assert.deepEqual(redact('spans'), { user_id: digest, email: mail, path: '/users/:id', ...kept });
  assert.deepEqual(p.redact({ ...ONE_OF_EACH, path: '/docs/a.png' }, 'echo'), {
    ...{
      token: '********',
      caption: 'hello',
      user_id: 48213,
      email: '[email]',
      path: '/docs/a.png',
      lat: 52.52,
    },
    ...kept,
  });
  assert.deepEqual(redact('labels'), {
    ...{ ...secret, caption: '[redacted]', user_id: '[redacted]', email: '[redacted]', path: '/users/:id' },
    ...{ lat: '[redacted]', ...kept },
  });
});

test('fields and attributes give the same verdicts as redact', () => {
  const p = privacy();
  assert.deepEqual(line(ONE_OF_EACH), p.redact(ONE_OF_EACH, 'logs'));
  for (const column of COLUMNS) {
    assert.deepEqual(p.attributes(ONE_OF_EACH, column), p.redact(ONE_OF_EACH, column));
  }
});

test('the table has an action for every class and column', () => {
  for (const row of Object.values(POLICY)) assert.deepEqual(Object.keys(row).sort(), [...COLUMNS].sort());
});

test("a user's id is shown in logs by opt-in, and nowhere else", () => {
  assert.equal(line({ user_id: 48213 }, { userId: 'raw' })['user_id'], 48213);
  assert.equal(line({ email: 'a@example.org' }, { userId: 'raw' })['email'], '[redacted]');
  assert.equal(line({ session_id: 's-1' }, { userId: 'raw' })['session_id'], '[redacted]');
  const raw = privacy({ userId: 'raw' });
  assert.deepEqual(raw.attributes({ user_id: 48213 }, 'spans'), { user_id: digest });
});

test('a position is shown in logs as a cell by opt-in', () => {
  const fields = { lat: 52.524371, lon: 13.410532, geo: [52.524371], coords: '52.5' };
  const shown = { lat: 52.52, lon: 13.4, geo: [52.5], coords: '[redacted]' };
  assert.deepEqual(line(fields, { position: 'cell' }), shown);
  assert.deepEqual(privacy({ position: 'cell' }).attributes(fields, 'spans'), {});
});

test('one person has one digest under every name of the id', () => {
  const names = { userId: 48213, user_id: '48213', uid: 48213, user: 48213, 'enduser.id': '48213' };
  const out = privacy().attributes(names, 'spans');
  assert.deepEqual(new Set(Object.values(out)), new Set([digest]));
  assert.deepEqual(line({ user: { id: 48213 } })['user'], { id: digest });
});

test('content leaves its length, counted by what it is', () => {
  const content = {
    caption: 'hello',
    payload: { a: 1, b: 2 },
    body: new Uint8Array(9),
    messages: ['x', 'y', 'z'],
  };
  assert.deepEqual(line(content), {
    caption_length: 5,
    payload_length: 2,
    body_length: 9,
    messages_length: 3,
  });
  for (const given of [
    { caption: 'hello', caption_length: 4 },
    { caption_length: 4, caption: 'hello' },
  ]) {
    assert.deepEqual(line(given), { caption_length: 4 });
    assert.deepEqual(privacy().redact(given, 'logs'), { caption_length: 4 });
    assert.deepEqual(privacy().attributes(given, 'logs'), { caption_length: 4 });
  }
});

test('a label that is a URL loses its query', () => {
  const p = privacy();
  assert.equal(p.text('/a?x=1', 'labels'), '/a');
  assert.equal(p.text('is it? yes', 'logs'), 'is it? yes');
});
