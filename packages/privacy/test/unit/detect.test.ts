import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privacy } from '../support/privacy.ts';

const { text } = privacy();
const word = (length: number) => 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY'.repeat(8).slice(0, length);

/** The eight shapes of host B, with its words. */
const SHAPES: readonly (readonly [string, string])[] = [
  [`sk-${word(24)}`, '[OPENAI_KEY_REDACTED]'],
  [`r8_${word(12)}`, '[REPLICATE_TOKEN_REDACTED]'],
  [`123456:${word(24)}`, '[TELEGRAM_TOKEN_REDACTED]'],
  [`https://api.telegram.org/bot${word(10)}/send`, 'https://api.telegram.org/bot[REDACTED]/send'],
  [`sl.${word(120)}`, '[DROPBOX_TOKEN_REDACTED]'],
  [`access_key_id=${word(20)}`, '[S3_ACCESS_KEY_REDACTED]'],
  [`secret_access_key: ${word(40)}`, '[S3_SECRET_KEY_REDACTED]'],
  [`https://${'0123456789abcdef'.repeat(2)}.r2.cloudflarestorage.com`, '[R2_ENDPOINT_REDACTED]'],
];

test("each of host B's secret shapes leaves its word, alone and inside a line", () => {
  for (const [secret, replacement] of SHAPES) {
    assert.equal(text(secret), replacement);
    assert.equal(text(`posting to ${secret} failed`), `posting to ${replacement} failed`);
  }
});

test('several secrets in one line are all replaced', () => {
  const line = text(SHAPES.map(([secret]) => secret).join(' and '));
  assert.equal(line, SHAPES.map(([, replacement]) => replacement).join(' and '));
});

const FINDS: readonly (readonly [string, string])[] = [
  [`AKIA${'ABCD2345'.repeat(2)}`, '[aws_key]'],
  [`ghp_${word(36)}`, '[github_token]'],
  [`github_pat_${word(40)}`, '[github_token]'],
  [`glpat-${word(20)}`, '[gitlab_token]'],
  [`xoxb-${word(24)}`, '[slack_token]'],
  [`sk_${'live'}_${word(24)}`, '[stripe_key]'],
  [`AIza${word(35)}`, '[google_key]'],
  [`npm_${word(36)}`, '[npm_token]'],
  [`SG.${word(22)}.${word(43)}`, '[sendgrid_key]'],
  [`sk-ant-api03-${word(40)}`, '[OPENAI_KEY_REDACTED]'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0ODIxMyJ9.c2lnbmF0dXJlLW9mLWl0', '[jwt]'],
  ['write to anna.berg+spam@mail.example.org today', 'write to [email] today'],
  ['andré@exämple.org', '[email]'],
  ['anna%40example.org', '[email]'],
  ['paid with 4111 1111 1111 1111 now', 'paid with [card] now'],
  ['5555-5555-5555-4444', '[card]'],
  ['378282246310005', '[card]'],
  ['call +49 170 1234567', 'call [phone]'],
  ['call +14155550123.', 'call [phone].'],
  ['call (415) 555-0123', 'call [phone]'],
  ['415-555-0123', '[phone]'],
  ['at 52.52437, 13.41053 now', 'at [position] now'],
  ['lat=52.52437 lon=13.41053', 'lat=[position] lon=[position]'],
  ['postgres://anna:hunter2@db.example.org/app', 'postgres://[redacted]@db.example.org/app'],
  ['GET https://me:pw@example.org/x', 'GET https://[redacted]@example.org/x'],
  ['Authorization: Bearer abcdef123456', 'Authorization: [redacted]'],
  ['sent bearer abcdef123456', 'sent bearer [redacted]'],
  ['sent Basic dXNlcjpwYXNz', 'sent Basic [redacted]'],
  ['password=hunter2&x=1', 'password=[redacted]&x=1'],
  ['{"api_key":"abc-def"}', '{"api_key":"[redacted]"}'],
];

test('keys, tokens, logins, addresses, cards, phones and positions are found in running text', () => {
  for (const [given, wanted] of FINDS) assert.equal(text(given), wanted);
});

test('a private key goes with everything between its marks, and to the end where it has none', () => {
  const begin = '-----BEGIN RSA PRIVATE KEY-----';
  const body = `\n${word(64)}\n${word(64)}\n`;
  assert.equal(text(`x ${begin}${body}-----END RSA PRIVATE KEY----- y`), 'x [private_key] y');
  assert.equal(text(`x ${begin}${body}`), 'x [private_key]');
  const certificate = `-----BEGIN CERTIFICATE-----\n${'M'.repeat(20)}`;
  assert.equal(text(certificate), certificate);
});

test('a card needs an issuer, a length, a check digit and edges', () => {
  for (const number of [
    '4111111111111112',
    '1111111111111117',
    'x4111111111111111',
    '41111111111111110000000',
  ]) {
    assert.equal(text(number), number);
  }
});

test('replacing twice changes nothing more', () => {
  for (const [given] of [...SHAPES, ...FINDS]) assert.equal(text(text(given)), text(given));
});
