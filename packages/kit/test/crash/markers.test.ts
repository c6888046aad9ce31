import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stop, urlOf } from '../adapters/serve.ts';
import { until } from '../support/apps.ts';
import { crashFolder, dumps, folder, open } from './support.ts';

/** A value of each class that shows itself wherever it stands, and what of it must not be found. */
const TEXTS: readonly (readonly [text: string, secret: string])[] = [
  ['sk-proj4Zk8Q1mX7vN2bT6wR9yL3', 'Zk8Q1mX7vN2bT6wR9yL3'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJlMTIzNDU2', 'c2lnbmF0dXJlMTIzNDU2'],
  ['Bearer 7f3a9c1e5b2d8f4a6c0e', '7f3a9c1e5b2d8f4a6c0e'],
  ['anna.berg@mail.example.org', 'anna.berg'],
  ['+49 170 5550123', '5550123'],
  ['4111 1111 1111 1111', '1111 1111'],
  ['52.524371,13.410532', '52.524371'],
  ['https://anna:hunter2@example.org/x', 'hunter2'],
  ['password=correcthorsebattery', 'correcthorsebattery'],
  ['/home/marker-person/diary.txt', 'marker-person'],
  [join(homedir(), 'private/x.txt'), join(homedir(), 'private')],
];

/** What only its name gives away. */
const NAMED: Readonly<Record<string, unknown>> = {
  user_id: 48213,
  email: 'marker-mail',
  device_id: 'marker-device',
  client_ip: '203.0.113.77',
  cookie: 'marker-cookie',
  apiKey: { value: 'marker-api' },
  caption: 'marker words',
  body: { text: 'marker body' },
  file_key: 'tenant/marker-object',
  path: '/srv/marker-tenant/48213.png',
  url: 'https://example.org/users/48213?q=marker-query',
  userLat: 52.52437,
  geo: { y: 52.52437, x: 13.41053 },
  sql: "SELECT 1 FROM t WHERE name = 'marker-sql'",
};
/** A path within a text is a dump's business: a line shows it where it is no field of its own. */
const PLACES = ['marker-person', join(homedir(), 'private')];
const SECRETS = [
  ...TEXTS.map(([, secret]) => secret),
  ...['48213', 'marker-mail', 'marker-device', 'marker-cookie', 'marker-api', 'marker-object'],
  ...[
    'marker-tenant',
    'marker-query',
    'marker-sql',
    'marker words',
    'marker body',
    '203.0.113.77',
    '52.52437',
    '13.41053',
  ],
];

test('no marker is in a dump, an answer or a line, wherever it was put', async t => {
  const { obs, root, raw } = await open(t, {
    ops: { adminToken: ['right-token'] },
    crash: { intervalMs: 0, report: true },
  });
  const server = createServer(
    obs.handler(req => {
      if (req.url?.startsWith('/fail')) throw marked(TEXTS[Number(req.url.slice(5))]![0]);
    }),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => stop(server));
  for (const [n, [text]] of TEXTS.entries()) {
    obs.log.warn({ note: text, ...NAMED, err: marked(text) }, `about ${text}`);
    obs.trace.span(`work ${text}`, { attributes: { note: text, ...(NAMED as object) } }, span => {
      span.recordException(marked(text));
    });
    obs.crash.capture(marked(text), {
      context: { note: text, [text]: 1, deep: [{ ...NAMED, [`x ${text}`]: text }], ...NAMED },
      attach: [
        text,
        `/srv/marker-tenant/files/48213/${n}.log`,
        join(root, 'logs', `${text.split('/').at(-1)}.log`),
      ],
      eventId: text,
    });
    obs.crash.capture(text);
    obs.crash.capture({ note: text, ...NAMED });
    await fetch(`${urlOf(server)}/fail${n}`, {
      headers: { authorization: text, 'x-request-id': 'req-1' },
    }).then(answer => answer.text());
  }
  await until(() => (dumps(root).filter(({ source }) => source === 'request').length > 0 ? true : undefined));
  const headers = { 'x-admin-token': 'right-token' };
  const outputs = [
    ...readdirSync(crashFolder(root)).flatMap(name => [
      name,
      readFileSync(join(crashFolder(root), name), 'utf8'),
    ]),
    await (await fetch(`${urlOf(server)}/api/crashes?limit=500`, { headers })).text(),
  ];
  for (const { id } of obs.crash.list(500)) {
    outputs.push(await (await fetch(`${urlOf(server)}/api/crashes/${id}`, { headers })).text());
  }
  assert.ok(outputs.length > 4 * TEXTS.length);
  for (const output of [...outputs, ...raw]) {
    // A digest may hold any five digits, and so may a time.
    const text = output.replace(/[0-9a-f]{16,32}|\d\d:\d\d:\d\d\.\d+/g, '');
    for (const secret of raw.includes(output) ? SECRETS.filter(one => !PLACES.includes(one)) : SECRETS) {
      const at = text.indexOf(secret);
      assert.ok(at < 0, `${secret} in ${text.slice(Math.max(0, at - 100), at + 100)}`);
    }
  }
});

test('a dump shows places by the folders that hold them', async t => {
  const root = folder(t);
  const { obs } = await open(t, { runtimeRoot: root });
  obs.crash.capture(new Error(`ENOENT: open '${root}/data/x.json'`), {
    context: { path: `${root}/data/x.json`, note: `in ${homedir()}/x and ${process.cwd()}` },
  });
  const [dump] = dumps(root);
  assert.equal(dump?.['message'], "ENOENT: open '<runtime>/data/x.json'");
  assert.equal(dump?.context['path'], '<runtime>/data/x.json');
  assert.match(String(dump?.context['note']), /^in <home>\/x and <repo>/);
  assert.match(String(dump?.['cwd']), /^<repo>/);
  assert.match(String(dump?.['traceback']), /\(?<repo>\/packages\/kit\/test\/crash\/markers\.test\.ts:/);
});

function marked(text: string): Error {
  const cause = Object.assign(new TypeError(`cause ${text}`), { request: { ...NAMED, note: text } });
  const error = new Error(`failed for ${text}`, { cause });
  error.stack += `\n    at ${text} (/home/marker-person/app/${text.split('/').at(-1)}/x.js:1:2)`;
  return error;
}
