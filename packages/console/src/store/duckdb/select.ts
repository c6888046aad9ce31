import { StoreError } from '../error.ts';
import type { Database, Params, Row } from './database.ts';
import type { Kind, Segment } from './segment.ts';
import type { Segments } from './segments.ts';

/** A page that follows another needs no segment before it. */
export function rangeOf({
  from,
  to,
  cursor,
  order,
}: Range & { readonly cursor?: string; readonly order?: string }): Range {
  if (cursor === undefined) return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const [time] = placeOf(cursor);
  // A millisecond more, since the end of a range is exclusive.
  return order === 'oldest'
    ? { from: Math.max(from ?? time, time), ...(to !== undefined && { to }) }
    : { ...(from !== undefined && { from }), to: Math.min(to ?? time + 1, time + 1) };
}

/** What a query needs of the store. */
export interface Source {
  readonly db: Database;
  readonly segments: Segments;
}

export interface Range {
  readonly from?: number;
  readonly to?: number;
}

export interface Selection {
  /** The statement for one segment, complete with its own order and limit. */
  branch(segment: Segment): string;
  readonly params?: Params;
}

/** The most segments that one statement joins: planning one costs about a millisecond each. */
const JOINED = 16;

/** A row beside what explains its numbers, which stays when its segment is closed. */
export interface Found {
  readonly row: Row;
  readonly segment: Pick<Segment, 'at' | 'dictionary'>;
}

/**
 * Runs one statement over these segments and gives the rows in no order. A segment that can't be read is set aside,
 * and the others answer.
 */
export async function select(
  source: Source,
  segments: readonly Segment[],
  selection: Selection,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (let i = 0; i < segments.length; i += JOINED) {
    found.push(...(await selectJoined(source, segments.slice(i, i + JOINED), selection)));
  }
  return found;
}

async function selectJoined(
  { db, segments: all }: Source,
  segments: readonly Segment[],
  { branch, params }: Selection,
): Promise<readonly Found[]> {
  const read = (some: readonly Segment[]) =>
    all.use(some, async () => {
      const sql = some.map((segment, i) => `SELECT ${i} AS segment, * FROM (${branch(segment)})`);
      const rows = await db.rows(sql.join('\nUNION ALL\n'), params);
      const explained = some.map(({ at, dictionary }) => ({ at, dictionary }));
      return rows.map(row => ({ row, segment: explained[row['segment'] as number]! }));
    });
  const present = segments.filter(segment => !segment.dropped);
  if (present.length === 0) return [];
  try {
    return await read(present);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const found: Found[] = [];
  for (const segment of present) {
    if (segment.dropped) continue;
    try {
      found.push(...(await read([segment])));
    } catch (error) {
      if (!isDamage(error)) throw error;
      await all.setAside(segment, error);
    }
  }
  return found;
}

export interface Ranked {
  readonly kind: Kind;
  readonly range: Range;
  readonly order: 'newest' | 'oldest' | 'any';
  readonly enough: number;
  /** No further segments after so many milliseconds. */
  readonly budgetMs?: number | undefined;
  /** Where the page before this one ended: it must come further, or nobody would ever come to the end. */
  readonly beyond?: number | undefined;
  /** The time that a row is ordered by. */
  time(row: Row): number;
}

export interface First {
  readonly found: Found[];
  /** Where it stopped for time: a segment that was not asked begins here, in the order that was wanted. */
  readonly stoppedAt?: number;
}

/** Fewer segments in one statement while there is little time: a statement can't be stopped on its way. */
const JOINED_IN_TIME = 2;

/**
 * The rows that come first, from as few segments as will do: it stops where no later segment can hold an earlier
 * row. With order `any` it asks them all.
 */
export async function selectFirst(source: Source, selection: Selection, ranked: Ranked): Promise<First> {
  const { kind, order, enough, budgetMs = Number.POSITIVE_INFINITY } = ranked;
  const until = performance.now() + budgetMs;
  const most = budgetMs === Number.POSITIVE_INFINITY ? JOINED : JOINED_IN_TIME;
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = ranked.range;
  const segments = [...source.segments.within(kind, from, to)];
  if (order === 'any') return { found: [...(await select(source, segments, selection))] };
  const sign = order === 'newest' ? 1 : -1;
  const edge = (segment: Segment) => (order === 'newest' ? segment.seen[kind].to : segment.seen[kind].from);
  segments.sort((a, b) => sign * (edge(b) - edge(a)));
  const found: Found[] = [];
  for (let at = 0, width = 1; at < segments.length; at += width, width = Math.min(width * 2, most)) {
    found.push(...(await select(source, segments.slice(at, at + width), selection)));
    const next = segments[at + width];
    if (next === undefined) break;
    const times = found.map(({ row }) => sign * ranked.time(row)).sort((a, b) => b - a);
    if (found.length >= enough && times[enough - 1]! > sign * edge(next)) break;
    const further = ranked.beyond === undefined || sign * edge(next) < sign * ranked.beyond;
    if (further && performance.now() > until) return { found, stoppedAt: edge(next) };
  }
  return { found };
}

/** A statement's conditions and the values they name. */
export class Where {
  readonly params: Record<string, string | number | bigint> = {};
  readonly #clauses: string[] = [];
  readonly #own: ((segment: Segment) => string)[] = [];

  /** `?` in the clause stands for the value. */
  add(clause: string, value?: string | number | bigint): void {
    if (value === undefined) {
      this.#clauses.push(clause);
      return;
    }
    this.#clauses.push(clause.replaceAll('?', this.bind(value)));
  }

  /** Gives the value a name, for a clause that is put together by hand. */
  bind(value: string | number | bigint): string {
    const name = `p${Object.keys(this.params).length}`;
    this.params[name] = value;
    return `$${name}`;
  }

  /** A condition that is another one for each segment. */
  addOwn(clause: (segment: Segment) => string): void {
    this.#own.push(clause);
  }

  range(column: string, { from, to }: Range): void {
    if (from !== undefined) this.add(`${column} >= ?`, from);
    if (to !== undefined) this.add(`${column} < ?`, to);
  }

  for(segment: Segment): string {
    const all = [...this.#clauses, ...this.#own.map(clause => clause(segment))];
    return all.length === 0 ? 'true' : all.map(clause => `(${clause})`).join(' AND ');
  }
}

/** `column IN (…)` for the origins of one service, which have other numbers in each segment. */
export function ofService(column: string, service: string): (segment: Segment) => string {
  return segment => {
    const ids = originsOf(segment, service);
    return ids.length === 0 ? 'false' : `${column} IN (${ids.join(',')})`;
  };
}

export function originsOf(segment: Segment, service: string): readonly number[] {
  return [...segment.dictionary.origins.values()].filter(one => one.service === service).map(one => one.id);
}

/**
 * An attribute at the top of a JSON text has this value as text. Reading JSON costs ten times a look for the pair as
 * it is written, which says no to almost all rows.
 */
export function addAttribute(where: Where, key: string, value: string): void {
  const name = JSON.stringify(key);
  const written = [`${name}:${JSON.stringify(value)}`];
  if (/^(?:-?\d|true$|false$|null$)/.test(value)) written.push(`${name}:${value}`);
  // What is written with a tag: int64s and what is not finite.
  if (/^-?(?:\d{16,}|0|Infinity|NaN)$/.test(value)) written.push(`${name}:{"$`);
  const looks = written.map(pair => `contains(attributes, ${where.bind(pair)})`);
  where.add(looks.join(' OR '));
  const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const at = `json_extract_string(attributes, ${where.bind(pointer)})`;
  const text = where.bind(value);
  const tagged = ['i', 'd'].map(tag => `${at} = '{"$${tag}":"' || ${text} || '"}'`);
  where.add(`${at} = ${text} OR ${tagged.join(' OR ')}`);
}

export function limitOf(limit = 100): number {
  return Math.min(Math.max(Math.trunc(limit), 1), 1000);
}

/** Where a page ended: the two things its rows are ordered by. */
export type Place = readonly [number, string];

export function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Throws PLIMSOLL_STORE_CURSOR for a text that this store did not make. */
export function placeOf(cursor: string): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(place) && Number.isFinite(place[0]) && /^[0-9a-f]{1,32}$/.test(String(place[1]))) {
      return [place[0] as number, String(place[1])];
    }
  } catch {
    // Told below.
  }
  throw new StoreError('PLIMSOLL_STORE_CURSOR', cursor.slice(0, 80));
}

/** An engine that can't read what a file holds, as against a statement that is wrong. */
function isDamage(error: unknown): boolean {
  return (
    error instanceof Error &&
    /checksum|corrupt|invalidated|deserialize|serialization|could not read|IO Error|INTERNAL|FATAL/i.test(
      error.message,
    )
  );
}
