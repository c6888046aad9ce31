/** What shows itself wherever it stands: the text, and the part of it that must be found nowhere. */
export const TEXTS: Readonly<Record<string, readonly [text: string, secret: string]>> = {
  key: ['sk-proj-M4rk3rZk8Q1mX7vN2bT6wR9yL3', 'M4rk3rZk8Q1'],
  aws: ['AKIAM4RK3RSFODNN7EXA', 'AKIAM4RK3RSF'],
  jwt: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJrZXIifQ.bWFya2Vyc2lnbmF0dXJl', 'bWFya2Vyc2ln'],
  bearer: ['Bearer 7f3a9c1emarker2d8f4a6c0e', '7f3a9c1emarker'],
  email: ['marker.person@mail.example.org', 'marker.person'],
  phone: ['+49 151 48130697', '48130697'],
  card: ['4111 1111 1111 1111', '1111 1111'],
  position: ['52.481306,13.977481', '52.481306'],
  login: ['postgres://marker:hunter2marker@db.example.org/x', 'hunter2marker'],
  assignment: ['password=markerhorsebattery', 'markerhorsebattery'],
};

/** What only its name gives away: credentials, positions, and ids of people. */
export const NAMED: Readonly<Record<string, unknown>> = {
  password: 'marker-password',
  apiKey: { value: 'marker-api' },
  cookie: ['marker-cookie'],
  user_id: 481306977,
  userEmail: 'marker-mail',
  device_id: 'marker-device',
  client_ip: '203.0.113.177',
  session: 'marker-session',
  userLat: 52.481307,
  geo: { y: 52.481307, x: 13.977482 },
  users: { 481306977: { score: 1 } },
};
/** What one's own store and its answers may keep, and no other sink. */
export const CONTENT: Readonly<Record<string, unknown>> = {
  caption: 'the marker words of a person',
  body: { text: 'the marker body' },
  prompt: ['the marker prompt'],
};
export const PLACES: Readonly<Record<string, unknown>> = {
  file_key: 'tenant/marker-object',
  path: '/srv/marker-tenant/portrait.png',
  url: 'https://example.org/assets/x?q=marker-query',
};
const HIDDEN = [
  ...Object.values(TEXTS).map(([, secret]) => secret),
  ...['marker-password', 'marker-api', 'marker-cookie', '52.481307', '13.977482', 'marker-secret'],
];
const OWN = [
  ...['marker words', 'marker body', 'marker prompt', 'marker-object', 'marker-tenant', 'marker-query'],
  ...['481306977', '203.0.113.177', 'marker-mail', 'marker-device', 'marker-session', 'marker-handle'],
];
/** What names a thing and comes back to who asks, so that it can be asked for again. */
export const HANDLE = 'marker-handle@mail.example.org';

/** A bag with a text as value, key, in lists, maps and depth, beside everything that a name gives away. */
export function bag(text: string): Record<string, unknown> {
  return {
    ...{
      note: text,
      [text]: 1,
      list: [text, { note: `for ${text}` }],
      deep: { deeper: { [`x ${text}`]: [text] } },
    },
    ...NAMED,
    ...CONTENT,
    ...PLACES,
    nested: [{ ...NAMED, ...CONTENT, ...PLACES }],
  };
}

/** What a client of a database or of HTTP throws: text, cause, and a request hung on it. */
export function failure(text: string): Error {
  const cause = Object.assign(new TypeError(`cause ${text}`), { request: bag(text) });
  const error = Object.assign(new Error(`failed for ${text}`, { cause }), { response: { data: bag(text) } });
  error.stack += `\n    at read (/srv/app/${encodeURIComponent(text)}.js:1:2)`;
  return error;
}

/** The markers in a text of a sink, also as a URL or JSON has them. `own`: content and places may stand there. */
export function markersIn(text: string, own: boolean): readonly string[] {
  const plain = text.toLowerCase();
  return (own ? HIDDEN : [...HIDDEN, ...OWN]).filter(marker =>
    [marker, encodeURIComponent(marker), marker.replaceAll(' ', '+')].some(form =>
      has(plain, form.toLowerCase()),
    ),
  );
}

/** A number is one where it is not the middle of a digest or of another number. */
function has(text: string, marker: string): boolean {
  if (!/^[\d.]+$/.test(marker)) return text.includes(marker);
  return new RegExp(`(?<![\\da-f.])${marker.replaceAll('.', '\\.')}(?![\\da-f])`).test(text);
}

export function around(text: string, marker: string): string {
  const at = text.toLowerCase().indexOf(marker.toLowerCase());
  return text.slice(Math.max(0, at - 120), at + 80).replace(/[^\x20-\x7e]/g, '·');
}
