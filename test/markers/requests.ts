import { WebSocket } from 'ws';
import { bag, HANDLE, TEXTS } from './corpus.ts';
import { type Marked, TOKEN, WRITER } from './service.ts';

const admin = { 'x-admin-token': TOKEN };
const writer = { authorization: `Bearer ${WRITER}` };

export interface Said {
  /** What was asked. */
  readonly from: string;
  readonly text: string;
  /** The head, too: ids and names of files go there. */
  readonly head: string;
}

/** Everything that comes in over HTTP and the stream, to the app and to the ops API; gives back all answers. */
export async function fromOutside(service: Marked): Promise<readonly Said[]> {
  const said: Said[] = [];
  const ask = async (path: string, init: RequestInit = {}): Promise<void> => {
    const answer = await fetch(service.url + path, init);
    const head = JSON.stringify([...answer.headers]);
    const text = await answer.text();
    // What a framework or the app itself answers is theirs; the ids in its head are ours.
    const ours = service.obs.ops.owns(path.replace(/\?.*/, ''));
    said.push({ from: `${init.method ?? 'GET'} ${path}`, text: ours ? text : '', head });
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = admin) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  for (const [name, [text]] of Object.entries(TEXTS)) {
    await toApp(ask, post, text);
    await toParts(post, name, text);
    await toAssets(service, post, { name, text, ask });
    await refused(service, text);
  }
  return said;
}

/** An unknown topic is told back to who sent it, and that connection ends; the others hear nothing of it. */
async function refused({ url }: Marked, text: string): Promise<void> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/api/hooks/ws?after=${encodeURIComponent(text)}`);
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
  ws.send(JSON.stringify({ topics: [text] }));
  await new Promise(resolve => ws.once('close', resolve));
}

type Ask = (path: string, init?: RequestInit) => Promise<void>;
type Post = (path: string, body: unknown, headers?: Record<string, string>) => Promise<void>;

async function toApp(ask: Ask, post: Post, text: string): Promise<void> {
  const inUrl = encodeURIComponent(text);
  const headers = {
    ...{ 'user-agent': text, referer: text, cookie: `id=${text}`, authorization: text, 'x-request-id': text },
    ...{ 'x-correlation-id': text, 'x-user-id': '481306977', 'x-forwarded-for': '203.0.113.177' },
    ...{ baggage: `user=${inUrl}`, tracestate: `a=${inUrl.slice(0, 200)}`, 'x-own': text },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  for (const path of [`/items/${inUrl}?q=${inUrl}`, `/boom/${inUrl}?user=481306977`, `/none/${inUrl}`])
    await ask(path, { headers });
  await post('/items', bag(text), headers);
  await post(`/items/${inUrl}`, text, headers);
  for (const path of [`/ops/${inUrl}`, `/api/flags?${inUrl}`, `/api/crashes/${inUrl}`, `/assets/${inUrl}`])
    await ask(path, { headers: { ...headers, ...admin } });
}

async function toParts(post: Post, name: string, text: string): Promise<void> {
  const held = bag(text);
  await post('/api/flags', { [text]: true, enable_perf: text });
  await post('/ops/log-level', { level: text });
  await post('/api/telemetry/events', { event: `event ${text}`, payload: held, category: text });
  await post('/api/telemetry/features', { feature: text, variant: text });
  await post('/api/telemetry/settings', { [text]: text, telemetry_opt_in: text });
  await post('/api/hooks/test', {
    event: 'on_scene_enter',
    payload: { scene_id: text, variables: held, more: held },
  });
  await post('/api/hooks/test', { event: text, payload: text });
  await post('/api/hooks/webhooks', { event: text, url: text });
  await post('/api/hooks/dead-letters/replay', { ids: [text] });
  const job = { job_id: `rest ${HANDLE} ${name}`, job_type: text, payload: held };
  await post('/api/perf/budgets/jobs/register', job);
  await post('/api/perf/budgets/jobs/start', job);
  await post('/api/perf/budgets/jobs/start', { job_id: `none ${HANDLE}` });
  await post('/api/perf/budgets/jobs/finish', {
    job_id: job.job_id,
    status: text.slice(0, 60),
    reason: text,
  });
  await post('/api/perf/budgets/assets/register', {
    asset_id: `rest ${HANDLE} ${name}`,
    size_mb: 1,
    metadata: held,
  });
  await post('/api/perf/budgets/assets/touch', { asset_id: `none ${HANDLE}` });
  await post('/api/perf/budgets/apply', { [text]: text });
  await post('/api/perf/profiler/mark', { name: text, category: text.slice(0, 60), metadata: held });
  await post('/api/perf/profiler/span', { name: text, duration_ms: 1, metadata: held });
  await post('/api/perf/profiler/mark', { name: 1, [text]: text });
  // An operator says where a service is, and gets it back.
  const { userLat: _lat, geo: _geo, nested: _nested, ...settings } = held;
  const provider = {
    ...{
      id: `p-${name}`,
      name: `provider ${text}`,
      kind: 'remote',
      base_url: 'http://user:marker-secret@127.0.0.1:1/v1',
    },
    ...{ config: { ...settings, note: text, headers: { 'x-own': 'marker-secret' } }, meta: { region: 'x' } },
  };
  await post('/api/providers/register', provider);
  await post('/api/providers/create', { template: text, name: text });
  await post('/api/providers/order', { order: [text] });
}

async function toAssets(
  { url }: Marked,
  post: Post,
  { name, text, ask }: { name: string; text: string; ask: Ask },
): Promise<void> {
  const held = bag(text);
  const given = {
    metadata: { ...held, tags: [text, 'fine'], license: text, origin: text },
    sidecar: { rig: held },
  };
  const provenance = { source: `made by ${text}`, user_id: 481306977, inputs: held };
  const form = new FormData();
  for (const [key, value] of Object.entries({ ...given, provenance })) form.set(key, JSON.stringify(value));
  form.set('asset_type', 'notes');
  form.set('file', new Blob([`bytes of ${name}`]), `marker-file-${name}.txt`);
  await ask('/assets/upload', { method: 'POST', headers: writer, body: form });
  const bad = new FormData();
  bad.set('metadata', `{"password": "${text}"`);
  bad.set('file', new Blob(['x']), text);
  await ask('/assets/upload', { method: 'POST', headers: writer, body: bad });
  await post('/assets/register', { path: `/srv/marker-tenant/${text}`, ...given, provenance }, writer);
  const found = await fetch(`${url}/assets?limit=1`, { headers: admin });
  const { items } = (await found.json()) as { items: { uid: string }[] };
  const headers = { 'content-type': 'application/json', ...writer };
  await ask(`/assets/${items[0]?.uid}`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify({ metadata: held }),
  });
  await ask(`/assets?q=${encodeURIComponent(text)}&tags=${encodeURIComponent(text)}`, { headers: admin });
}

/** Every route that answers GET, as the app lists them, and each asset, dump and provider by its id. */
export async function answersOf({ url }: Marked): Promise<readonly Said[]> {
  const get = async (path: string): Promise<Said & { body: Buffer }> => {
    const answer = await fetch(url + path, { headers: admin });
    const body = Buffer.from(await answer.arrayBuffer());
    return {
      from: `GET ${path}`,
      text: body.toString('latin1'),
      head: JSON.stringify([...answer.headers]),
      body,
    };
  };
  const { routes } = JSON.parse((await get('/ops/')).text) as { routes: { method: string; path: string }[] };
  const paths = routes.filter(route => route.method === 'GET').map(route => route.path);
  const of = async (path: string, list: string, key: string): Promise<string[]> =>
    (JSON.parse((await get(path)).text)[list] as Record<string, unknown>[]).map(item => String(item[key]));
  const ids: Record<string, string[]> = {
    '/api/crashes/:id': (await of('/api/crashes?limit=500', 'crashes', 'id')).slice(0, 60),
    '/assets/:id': await of('/assets', 'items', 'uid'),
  };
  const ask = paths.flatMap(path => {
    if (!path.includes(':id')) return [path];
    const key = path.startsWith('/api/crashes') ? '/api/crashes/:id' : '/assets/:id';
    return (ids[key] as string[]).map(id => path.replace(':id', id));
  });
  const wide = ['/api/crashes?limit=500', '/api/hooks/history?limit=200', '/api/telemetry/events?limit=200'];
  const said: Said[] = [];
  for (const path of [
    ...ask,
    ...wide,
    '/api/perf/profiler/dashboard?limit=50',
    '/api/telemetry/preview?format=json',
  ])
    said.push(await get(path));
  const cpu = await fetch(`${url}/api/perf/profiler/heap?seconds=0.1`, { method: 'POST', headers: admin });
  said.push({ from: 'heap', text: await cpu.text(), head: JSON.stringify([...cpu.headers]) });
  return said;
}
