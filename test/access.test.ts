import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Caller,
  DEVELOPMENT,
  LOCKED,
  OLD,
  PRODUCTION,
  TOKEN,
  WITHOUT_TOKEN,
  WRITER,
} from './access/callers.ts';
import { ROUTES, type Row } from './access/routes.ts';
import { type Answer, listing, type Service, startService } from './access/service.ts';

/** Every route of a service with all parts on × everyone who may call: the access matrix, whole. */
const options = (env: string, tokens: readonly string[] = [TOKEN, OLD]) => ({
  env,
  ops: { adminToken: tokens },
  assets: { writeToken: tokens.length === 0 ? [] : [WRITER] },
  trace: { testInProd: true },
});

const HOME = '127.0.0.1';
/** An address of the loopback for each call, so that no wrong token counts towards another's. */
let calls = 0;
const somebody = (): string => `127.${1 + (calls >> 16)}.${(calls >> 8) & 255}.${calls++ & 255 || 1}`;

interface Asking {
  readonly from?: string;
  readonly method?: string;
}

async function call(
  service: Service,
  [row, caller]: readonly [Row, Caller],
  asking: Asking = {},
): Promise<Answer> {
  const { method = row.method, from = caller.expect.admin === 'in' ? HOME : somebody() } = asking;
  const { headers, peer } = caller;
  if (peer === undefined) return service.ask({ method, path: row.ask, headers, from });
  const request = new Request(`http://127.0.0.1${row.ask}`, { method, headers });
  const response = await service.obs.ops.handle(request, peer);
  assert.ok(response, row.path);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: await response.text(),
  };
}

function expected({ access, method }: Row, { expect }: Caller): string {
  if (access === 'open') return 'in';
  const found = expect[access];
  return typeof found === 'string' ? found : found[method === 'GET' ? 0 : 1];
}

/** What came, as far as the matrix tells it: the status, and the code of a refusal. */
function told({ status, text }: Answer): readonly [status: number, code?: string] {
  if (status !== 401 && status !== 403) return [status];
  return [status, (JSON.parse(text) as { code: string }).code];
}

async function check(service: Service, callers: readonly Caller[], asking: Asking = {}): Promise<void> {
  const wrong: unknown[] = [];
  const entered = new Set<Row>();
  for (const caller of callers) {
    for (const row of ROUTES) {
      // What takes long once it is let in, is let in once.
      if (expected(row, caller) === 'in' && row.slow && entered.has(row)) continue;
      if (expected(row, caller) === 'in') entered.add(row);
      const answer = await call(service, [row, caller], asking);
      const code = expected(row, caller);
      const status = code === 'missing bearer token' || code === 'invalid token' ? 401 : 403;
      const right = code === 'in' ? [row.status] : [status, code];
      const got = told(answer);
      if (String(got) !== String(right)) wrong.push([caller.name, row.method, row.path, { got, right }]);
    }
  }
  assert.deepEqual(wrong, []);
}

test('the matrix has a row for every route of a service with all on, with the access that it says', async t => {
  const service = await startService(t, options('production'));
  const text = ({ method, path, access }: Pick<Row, 'method' | 'path'> & { access: string }): string =>
    `${access} ${method} ${path}`;
  assert.deepEqual((await listing(service, TOKEN)).map(text).sort(), ROUTES.map(text).sort());
  const { text: openapi } = await service.ask({
    method: 'GET',
    path: '/openapi.json',
    headers: { 'x-admin-token': TOKEN },
  });
  const { paths } = JSON.parse(openapi) as { paths: Record<string, Record<string, { security: unknown[] }>> };
  for (const { method, path, access } of ROUTES) {
    const operation = paths[path.replace(':id', '{id}')]?.[method.toLowerCase()];
    assert.equal(operation?.security.length === 0, access === 'open', `${method} ${path} in /openapi.json`);
  }
});

test('in production each route lets in who has its token, from everywhere, and refuses all others', async t => {
  await check(await startService(t, options('production')), PRODUCTION);
});

test('in development what is local answers this machine without a token, and nobody who only seems to be it', async t => {
  await check(await startService(t, options('development')), DEVELOPMENT);
});

for (const env of ['production', 'development'] as const) {
  test(`without a configured token nothing guarded answers in ${env}, whatever is sent`, async t => {
    await check(await startService(t, options(env, [])), WITHOUT_TOKEN[env]);
  });

  test(`an address that guessed ten times is locked out of every route in ${env}, and it alone`, async t => {
    const service = await startService(t, options(env));
    const from = somebody();
    // Of both kinds: a guess at one counts at the other.
    const guessed = (['admin', 'token'] as const).flatMap(access =>
      ROUTES.filter(row => row.access === access).slice(0, 5),
    );
    assert.equal(guessed.length, 10);
    const guess: Caller = { ...PRODUCTION[1]!, headers: { 'x-admin-token': 'wrong' } };
    for (const row of guessed) await call(service, [row, guess], { from });
    await check(service, LOCKED[env], { from });
    await check(service, env === 'production' ? PRODUCTION.slice(0, 1) : DEVELOPMENT.slice(0, 1));
  });
}

test('HEAD is refused where GET is', async t => {
  const service = await startService(t, options('production'));
  const none = PRODUCTION[0] as Caller;
  for (const row of ROUTES.filter(({ method }) => method === 'GET')) {
    const { status, text } = await call(service, [row, none], { method: 'HEAD' });
    assert.deepEqual([status, text], [row.access === 'open' ? row.status : 403, ''], row.path);
  }
});

const HANDSHAKE = {
  ...{ connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

for (const [env, callers] of [
  ['production', PRODUCTION],
  ['development', DEVELOPMENT],
] as const) {
  test(`a handshake in ${env} is let in as a write at its path is`, async t => {
    const service = await startService(t, options(env));
    const { core } = service.obs as unknown as { core: { upgrades: ReadonlyMap<string, unknown> } };
    const paths = [...core.upgrades.keys()];
    assert.deepEqual(paths, ['/api/hooks/ws']);
    for (const caller of callers.filter(({ peer }) => peer === undefined)) {
      const right = expected({ access: 'local', method: 'POST' } as Row, caller);
      // What a page elsewhere can't know opens the way in from there as well.
      const wanted =
        right === 'in' || ('x-admin-token' in caller.headers && caller.headers['x-admin-token'] === TOKEN)
          ? [101]
          : [403, right];
      for (const path of paths) {
        const headers = { ...caller.headers, ...HANDSHAKE };
        const answer = await service.ask({ method: 'GET', path, headers, from: somebody() });
        assert.deepEqual(told(answer), wanted, `${caller.name} ${path}`);
      }
    }
  });
}
