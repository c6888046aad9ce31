import { z } from 'zod';
import type { Caller } from '../auth.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Divan } from '../divan.ts';
import { Refusal } from '../failure.ts';
import { boxAround, bucket, metres, type Point } from '../geo.ts';
import { campusOf, FRESH_MS } from '../presence/routes.ts';
import { campusId, repeated } from '../schemas.ts';
import type { Found } from '../store/store.ts';

export const nearbyQuery = z.object({
  radius_m: z.coerce.number().min(1).max(100_000),
  limit: pageSize200(),
  cursor: z.string().max(2000).optional(),
  campus_id: campusId.optional(),
  filter: z.enum(['all', 'friends']).default('all'),
  include: repeated(z.enum(['profile', 'distance'])),
  scope: z.enum(['campus', 'global']).default('campus'),
  mode: z.enum(['room', 'campus', 'city', 'live']).default('live'),
});
export type NearbyQuery = z.infer<typeof nearbyQuery>;

function pageSize200() {
  return z.coerce.number().int().min(1).max(200).default(50);
}

/** A room is no larger than this. */
const ROOM_M = 100;
const LEAST_M = 20;
/** The nearest that one search looks at; paging ends there. */
const CANDIDATES = 1000;

const place = z.tuple([z.string(), z.number().int().min(0)]);

interface Ranked {
  readonly found: Found;
  readonly distance: number | undefined;
}

/** Who is near, nearest first. Blocks and visibility hold in every mode; distances are told in steps only. */
export async function search(divan: Divan, caller: Caller, query: NearbyQuery) {
  const home = await campusOf(divan, caller);
  if (query.campus_id && query.campus_id !== home) throw new Refusal(403, 'campus mismatch');
  const since = divan.now() - FRESH_MS;
  const position = await divan.store.places.get(caller.userId);
  const here = position && position.at >= since ? position : undefined;
  const directory = query.mode === 'campus' || query.mode === 'city';
  const after = query.cursor === undefined ? undefined : decodeCursor(place, query.cursor);
  const who = { viewerId: caller.userId, since, friendsOnly: query.filter === 'friends', limit: CANDIDATES };
  if (directory) {
    const found = await divan.store.places.listing({ ...who, ...(await listed(divan, caller, query, home)) });
    return { items: rank(found, here).slice(0, query.limit).map(toItem(query)), cursor: null };
  }
  if (!here) throw new Refusal(400, 'presence not found');
  const radius = radiusOf(query, divan.settings.nearbyLeastM ?? LEAST_M);
  const campus = query.mode === 'live' && query.scope === 'campus' ? (home ?? here.campusId) : null;
  const around = { ...who, lat: here.lat, lon: here.lon, box: boxAround(here, radius) };
  const found = await divan.store.places.around(campus === null ? around : { ...around, campusId: campus });
  // The step is compared, not the distance: else a caller could find the exact distance by trying radii.
  const within = rank(found, here).filter(({ distance }) => distance! <= radius);
  const rest = after ? within.filter(one => isAfter(one, after)) : within;
  const page = rest.slice(0, query.limit);
  const more = query.mode === 'live' && rest.length > page.length;
  return { items: page.map(toItem(query)), cursor: more ? cursorOf(page[page.length - 1]!) : null };
}

/** Someone without a campus or a city lists nobody. */
async function listed({ store }: Divan, caller: Caller, query: NearbyQuery, home: string | null) {
  const city = query.mode === 'city' ? (await store.people.get(caller.userId))?.city : undefined;
  return city ? { city } : { campusId: home ?? undefined };
}

function radiusOf({ mode, radius_m }: NearbyQuery, least: number): number {
  if (mode === 'room') return Math.min(radius_m, ROOM_M);
  return radius_m <= 10 ? Math.max(radius_m, least) : radius_m;
}

/** By the step that is told, then by id: the order must not say more than the steps do. */
function rank(found: readonly Found[], here: Point | undefined): Ranked[] {
  const ranked = found.map(one => {
    const known = here && one.lat !== undefined && one.lon !== undefined;
    const exact = known ? metres(here, { lat: one.lat!, lon: one.lon! }) : undefined;
    return { found: one, distance: exact === undefined ? undefined : bucket(exact, one.person.blurM) };
  });
  return ranked.sort((a, b) => far(a) - far(b) || (idOf(a) < idOf(b) ? -1 : 1));
}

/** Without a position: after everyone else, and finite, so that two of them can be compared. */
const far = ({ distance }: Ranked) => distance ?? Number.MAX_SAFE_INTEGER;
const idOf = ({ found }: Ranked) => found.person.userId;

const cursorOf = (one: Ranked) => encodeCursor([idOf(one), far(one) * 1000]);
const isAfter = (one: Ranked, [id, mm]: readonly [string, number]) =>
  far(one) * 1000 > mm || (far(one) * 1000 === mm && idOf(one) > id);

const toItem =
  ({ include }: NearbyQuery) =>
  ({ found: { person, isFriend }, distance }: Ranked) => {
    const { headline, major, year, interests, languages } = person;
    return {
      user_id: person.userId,
      display_name: person.displayName,
      handle: person.handle,
      ...(person.avatarUrl && { avatar_url: person.avatarUrl }),
      ...(distance !== undefined && (!include || include.includes('distance')) && { distance_m: distance }),
      is_friend: isFriend,
      ...(include?.includes('profile') && { headline, major, year, interests, languages }),
    };
  };
