import type { Access } from './routes.ts';

export const TOKEN = 'the-admin-token';
/** The other of two while rotating. */
export const OLD = 'the-old-admin-token';
/** May write assets, and nothing else. */
export const WRITER = 'the-token-of-a-writer';

/** `in`, or the code of the refusal. A pair is for reads and for writes. */
type Expected = string | readonly [reads: string, writes: string];

export interface Caller {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Not over the socket, but as an adapter hands on this peer. */
  readonly peer?: { readonly address?: string };
  readonly expect: Readonly<Record<Exclude<Access, 'open'>, Expected>>;
}

type Line = readonly [name: string, headers: Caller['headers'], ...expect: Expected[]];
const caller = ([name, headers, admin = '', local = '', token = '']: Line): Caller => ({
  name,
  headers,
  expect: { admin, local, token },
});

const F = 'forbidden';
const MISSING = 'missing bearer token';
const INVALID = 'invalid token';
const NONE = 'admin_token_not_configured';

const right = { 'x-admin-token': TOKEN };
const ELSEWHERE = { address: '203.0.113.9' };

/** Who has the token, by every way to say it; one expectation in every environment. */
const ADMINS: readonly Caller[] = [
  ['right by header', right, 'in', 'in', 'in'] as const,
  ['right by bearer', { authorization: `Bearer ${TOKEN}` }, 'in', 'in', 'in'] as const,
  [
    'header blank, bearer right',
    { 'x-admin-token': ' ', authorization: `bearer ${TOKEN}` },
    'in',
    'in',
    'in',
  ] as const,
  ['the other while rotating', { 'x-admin-token': ` ${OLD} ` }, 'in', 'in', 'in'] as const,
  ['right, through a proxy', { ...right, 'x-forwarded-for': '203.0.113.9' }, 'in', 'in', 'in'] as const,
  ['right, under a foreign Host', { ...right, host: 'ops.example' }, 'in', 'in', 'in'] as const,
].map(caller);

export const PRODUCTION: readonly Caller[] = [
  ...[
    ['no token', {}, F, F, MISSING] as const,
    ['wrong', { 'x-admin-token': 'wrong' }, F, F, INVALID] as const,
    ['wrong by bearer', { authorization: 'Bearer wrong' }, F, F, INVALID] as const,
    [
      'header wrong, bearer right',
      { 'x-admin-token': 'wrong', authorization: `Bearer ${TOKEN}` },
      F,
      F,
      INVALID,
    ] as const,
    ['right, but as a login', { authorization: `Basic ${btoa(`admin:${TOKEN}`)}` }, F, F, MISSING] as const,
    ['right, but as a cookie', { cookie: `x-admin-token=${TOKEN}` }, F, F, MISSING] as const,
    ["a writer's", { authorization: `Bearer ${WRITER}` }, F, F, 'in'] as const,
    ['right, from a foreign Origin', { ...right, origin: 'http://evil.example' }, 'in', 'in', 'in'] as const,
  ].map(caller),
  ...ADMINS,
  { ...caller(['right, from another machine', right, 'in', 'in', 'in']), peer: ELSEWHERE },
  { ...caller(['no token, from another machine', {}, F, F, MISSING]), peer: ELSEWHERE },
];

const writes = ['in', F] as const;
const origin = { origin: 'http://evil.example' };

/** In development, what is `local` answers this machine, and nobody who only seems to be it. */
export const DEVELOPMENT: readonly Caller[] = [
  ...[
    ['no token', {}, F, 'in', MISSING] as const,
    ['wrong', { 'x-admin-token': 'wrong' }, F, 'in', INVALID] as const,
    ["a writer's", { authorization: `Bearer ${WRITER}` }, F, 'in', 'in'] as const,
    ['a foreign Origin', origin, F, writes, MISSING] as const,
    ['an opaque Origin', { origin: 'null' }, F, writes, MISSING] as const,
    ['a browser that hides its Origin', { 'sec-fetch-site': 'cross-site' }, F, writes, MISSING] as const,
    // A page that has the token can leave the Origin to its server.
    ['right, from a foreign Origin', { ...right, ...origin }, 'in', writes, 'in'] as const,
    ['a foreign Host', { host: 'evil.example' }, F, F, MISSING] as const,
    ['a proxy', { forwarded: 'for=127.0.0.1' }, F, F, MISSING] as const,
    ['an older proxy', { 'x-forwarded-for': '127.0.0.1' }, F, F, MISSING] as const,
  ].map(caller),
  ...ADMINS.slice(-3),
  { ...caller(['no token, from another machine', {}, F, F, MISSING]), peer: ELSEWHERE },
  { ...caller(['no token, from who knows where', {}, F, F, MISSING]), peer: {} },
  { ...caller(['right, from another machine', right, 'in', 'in', 'in']), peer: ELSEWHERE },
];

export const WITHOUT_TOKEN: Readonly<Record<'production' | 'development', readonly Caller[]>> = {
  production: [
    caller(['no token', {}, NONE, NONE, MISSING]),
    caller(['any', { 'x-admin-token': TOKEN }, NONE, NONE, INVALID]),
  ],
  development: [
    caller(['no token', {}, NONE, 'in', MISSING]),
    caller(['any', { 'x-admin-token': TOKEN }, NONE, 'in', INVALID]),
  ],
};

const L = 'admin_locked';

/** From an address that has guessed ten times. */
export const LOCKED: typeof WITHOUT_TOKEN = {
  production: [caller(['no token', {}, L, L, L]), caller(['right', right, L, L, L])],
  development: [caller(['no token', {}, L, 'in', L]), caller(['right', right, L, 'in', L])],
};
