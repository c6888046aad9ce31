import { bytewise, type Database, type Query, type Row, type Value } from './sql.ts';
import type {
  Around,
  Found,
  Listing,
  PeopleStore,
  Person,
  PlaceStore,
  Position,
  Visibility,
} from './store.ts';

const COLUMNS = [
  'user_id',
  'display_name',
  'handle',
  'avatar_url',
  'campus_id',
  'city',
  'visibility',
  'blur_m',
  'headline',
  'major',
  'year',
  'interests',
  'languages',
];
const INSERT = `INSERT INTO people (${COLUMNS}) VALUES (${COLUMNS.map((_, i) => `$${i + 1}`)}) ON CONFLICT`;
const UPDATE = COLUMNS.slice(1).map(column => `${column} = excluded.${column}`);

export function sqlPeople({ query, transaction }: Database): PeopleStore {
  return {
    put: async person => void (await query(`${INSERT} (user_id) DO UPDATE SET ${UPDATE}`, toValues(person))),
    ensure: async person => void (await query(`${INSERT} DO NOTHING`, toValues(person))),
    get: async userId => {
      const [row] = await query('SELECT * FROM people WHERE user_id = $1', [userId]);
      return row && toPerson(row);
    },
    invite: async (fromId, toId, at) => {
      const rows = await query(
        `INSERT INTO invites (from_id, to_id, at)
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT)
         WHERE NOT EXISTS (SELECT 1 FROM friendships WHERE user_id = $1 AND friend_id = $2) AND ${unblocked('$1', '$2')}
         ON CONFLICT DO NOTHING RETURNING from_id`,
        [fromId, toId, at],
      );
      return rows.length > 0;
    },
    accept: (fromId, toId) => transaction(inside => accept(inside, fromId, toId)),
    block: async (userId, blockedId) =>
      void (await query('INSERT INTO blocks (user_id, blocked_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        userId,
        blockedId,
      ])),
  };
}

async function accept(query: Query, fromId: string, toId: string): Promise<boolean> {
  const invite = 'DELETE FROM invites WHERE from_id = $1 AND to_id = $2 RETURNING from_id';
  if ((await query(invite, [fromId, toId])).length === 0) return false;
  const friend =
    'INSERT INTO friendships (user_id, friend_id) VALUES ($1, $2), ($2, $1) ON CONFLICT DO NOTHING';
  await query(friend, [fromId, toId]);
  return true;
}

const unblocked = (one: string, other: string) => `NOT EXISTS (SELECT 1 FROM blocks b
  WHERE (b.user_id = ${one} AND b.blocked_id = ${other}) OR (b.user_id = ${other} AND b.blocked_id = ${one}))`;

/** `$1` is the viewer, in both searches. */
const MAY_SEE = `p.user_id <> $1 AND ${unblocked('$1', 'p.user_id')}
  AND (p.visibility = 'everyone' OR (p.visibility = 'friends' AND f.user_id IS NOT NULL))`;
const FRIEND = 'LEFT JOIN friendships f ON f.user_id = $1 AND f.friend_id = p.user_id';

export function sqlPlaces(database: Database): PlaceStore {
  const { query } = database;
  return {
    put: async place => {
      await query(
        `INSERT INTO positions (user_id, lat, lon, accuracy_m, campus_id, at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (user_id) DO UPDATE SET lat = excluded.lat, lon = excluded.lon,
         accuracy_m = excluded.accuracy_m, campus_id = excluded.campus_id, at = excluded.at`,
        [place.userId, place.lat, place.lon, place.accuracyM, place.campusId, place.at],
      );
    },
    get: async userId => {
      const [row] = await query('SELECT * FROM positions WHERE user_id = $1', [userId]);
      return row && toPosition(row);
    },
    remove: async userId => void (await query('DELETE FROM positions WHERE user_id = $1', [userId])),
    around: around => searchAround(query, around),
    listing: listing => searchListing(database, listing),
  };
}

async function searchAround(query: Query, around: Around): Promise<Found[]> {
  const { box } = around;
  const values: Value[] = [around.viewerId, around.since, box.south, box.north, box.west, box.east];
  values.push(around.lat, around.lon, Math.cos((around.lat * Math.PI) / 180), around.limit);
  const within = box.west <= box.east ? 'lon BETWEEN $5 AND $6' : '(lon >= $5 OR lon <= $6)';
  let where = `l.at >= $2 AND lat BETWEEN $3 AND $4 AND ${within} AND ${MAY_SEE}`;
  if (around.friendsOnly) where += ' AND f.user_id IS NOT NULL';
  if (around.campusId !== undefined) where += ` AND l.campus_id = $${values.push(around.campusId)}`;
  const east = 'CASE WHEN ABS(lon - $8) > 180 THEN 360 - ABS(lon - $8) ELSE ABS(lon - $8) END * $9';
  const rows = await query(
    `SELECT p.*, l.lat, l.lon, f.user_id AS friend FROM positions l JOIN people p ON p.user_id = l.user_id ${FRIEND}
     WHERE ${where} ORDER BY (lat - $7) * (lat - $7) + (${east}) * (${east}) LIMIT $10`,
    values,
  );
  return rows.map(toFound);
}

async function searchListing(database: Database, listing: Listing): Promise<Found[]> {
  const [column, value] =
    listing.city === undefined ? ['campus_id', listing.campusId] : ['city', listing.city];
  const where = listing.friendsOnly ? `${MAY_SEE} AND f.user_id IS NOT NULL` : MAY_SEE;
  const rows = await database.query(
    `SELECT p.*, l.lat, l.lon, f.user_id AS friend FROM people p ${FRIEND}
     LEFT JOIN positions l ON l.user_id = p.user_id AND l.at >= $2
     WHERE p.${column} = $3 AND ${where} ORDER BY ${bytewise(database, 'p.user_id')} LIMIT $4`,
    [listing.viewerId, listing.since, value ?? null, listing.limit],
  );
  return rows.map(toFound);
}

const toValues = (p: Person): Value[] => [
  p.userId,
  p.displayName,
  p.handle,
  p.avatarUrl,
  p.campusId,
  p.city,
  p.visibility,
  p.blurM,
  p.headline,
  p.major,
  p.year,
  p.interests,
  p.languages,
];

const text = (row: Row, column: string) => row[column] as string;
const textOrNull = (row: Row, column: string) => row[column] as string | null;

function toPerson(row: Row): Person {
  return {
    userId: text(row, 'user_id'),
    displayName: text(row, 'display_name'),
    handle: text(row, 'handle'),
    avatarUrl: textOrNull(row, 'avatar_url'),
    campusId: textOrNull(row, 'campus_id'),
    city: textOrNull(row, 'city'),
    visibility: text(row, 'visibility') as Visibility,
    blurM: row['blur_m'] as number,
    headline: textOrNull(row, 'headline'),
    major: textOrNull(row, 'major'),
    year: row['year'] as number | null,
    interests: textOrNull(row, 'interests'),
    languages: textOrNull(row, 'languages'),
  };
}

function toFound(row: Row): Found {
  const found = { person: toPerson(row), isFriend: row['friend'] !== null };
  return row['lat'] === null ? found : { ...found, lat: row['lat'] as number, lon: row['lon'] as number };
}

function toPosition(row: Row): Position {
  return {
    userId: text(row, 'user_id'),
    lat: row['lat'] as number,
    lon: row['lon'] as number,
    accuracyM: row['accuracy_m'] as number,
    campusId: textOrNull(row, 'campus_id'),
    at: row['at'] as number,
  };
}
