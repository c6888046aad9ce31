import { CAMPUS } from './demo.ts';

const EVERY_MS = 600;
const WORDS = ['coffee?', 'see you at six', 'library, second floor', 'train is late', 'bring your notes'];

/**
 * A trickle of real requests, so that there is something to look at: one at a time, under two a second, each
 * given up after two seconds. Only in development, where a header names the user. The returned function stops it.
 */
export function startTraffic(origin: string, users: readonly string[]): () => void {
  let turn = 0;
  let busy = false;
  const tick = async () => {
    if (busy) return;
    busy = true;
    // Whatever goes wrong shows in the service's own log, metrics and traces.
    await step(origin, users, turn).catch(() => {});
    turn += 1;
    busy = false;
  };
  const timer = setInterval(tick, EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** Everyone turns up first; then they chat, look around and read, with a mistake now and then. */
async function step(origin: string, users: readonly string[], turn: number): Promise<void> {
  const arriving = turn < users.length;
  const round = arriving ? turn : Math.floor(turn / 5);
  const me = users[round % users.length]!;
  const peer = users[(round + 1) % users.length]!;
  const kind = arriving ? 0 : turn % 5;
  if (kind === 0) return call(origin, me, '/presence/heartbeat', beat(round % users.length));
  if (kind === 1)
    return call(origin, me, '/chat/messages', { to_user_id: peer, body: WORDS[turn % WORDS.length]! });
  if (kind === 2) return call(origin, me, '/proximity/nearby?radius_m=100');
  if (kind === 3) return call(origin, peer, `/chat/conversations/${me}/messages?limit=10`);
  return turn % 25 === 4
    ? call(origin, me, '/proximity/nearby?radius_m=0')
    : call(origin, me, '/proximity/nearby?radius_m=500&include=profile&include=distance');
}

const beat = (user: number) => ({
  lat: CAMPUS.lat + (user - 4) * 0.0001,
  lon: CAMPUS.lon + ((user % 3) - 1) * 0.0002,
  accuracy_m: 8,
  campus_id: CAMPUS.campusId,
  device_id: `demo-${user}`,
  ts_client: Date.now(),
});

async function call(origin: string, user: string, path: string, body?: object): Promise<void> {
  const headers = { 'X-User-Id': user, 'X-Campus-Id': CAMPUS.campusId, 'user-agent': 'divan-traffic' };
  const signal = AbortSignal.timeout(2000);
  const request = body
    ? {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal,
      }
    : { headers, signal };
  const answer = await fetch(origin + path, request);
  await answer.arrayBuffer();
}
