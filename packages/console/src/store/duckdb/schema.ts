/**
 * What a segment holds. Ids are numbers, since text of random digits neither compresses nor compares well: a trace id
 * is two of 64 bits. Texts that all rows of a process share stand once in `origins` and `series`; numbers in them
 * count from 1 in each segment. Times are epoch milliseconds. Nothing is NULL, since the client's null bits cost more
 * than an empty text: 0 and '' stand for none. What few rows have is JSON in `extra`.
 */
const FIRST = (at: string): readonly string[] => [
  `CREATE TABLE ${at}.origins (id UINTEGER, service VARCHAR, detail VARCHAR)`,
  `CREATE TABLE ${at}.series (id UINTEGER, origin UINTEGER, name VARCHAR, type VARCHAR, detail VARCHAR, labels VARCHAR)`,
  `CREATE TABLE ${at}.spans (
    trace_hi UBIGINT, trace_lo UBIGINT, span UBIGINT, parent UBIGINT, origin UINTEGER, name VARCHAR, kind UTINYINT,
    start DOUBLE, ms DOUBLE, status UTINYINT, flags UTINYINT, route VARCHAR, http USMALLINT, attributes VARCHAR,
    extra VARCHAR)`,
  `CREATE TABLE ${at}.logs (
    seq DOUBLE, time DOUBLE, observed DOUBLE, severity UTINYINT, severity_text VARCHAR, origin UINTEGER,
    logger VARCHAR, body VARCHAR, trace_hi UBIGINT, trace_lo UBIGINT, span UBIGINT, request VARCHAR,
    correlation VARCHAR, attributes VARCHAR, extra VARCHAR)`,
  `CREATE TABLE ${at}.points (
    series UINTEGER, time DOUBLE, start DOUBLE, flags UINTEGER, value DOUBLE, count DOUBLE, exact VARCHAR,
    detail VARCHAR, exemplars VARCHAR)`,
];

/** Step n takes a segment from version n to n + 1, in one transaction. Steps that were released never change. */
const MIGRATIONS: readonly ((at: string) => readonly string[])[] = [FIRST];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** The statements that bring a segment of this version up to date; 0 is an empty file. */
export function migrationsFrom(version: number, at: string): readonly string[] {
  const steps = MIGRATIONS.slice(version).flatMap(step => step(at));
  return [
    `CREATE TABLE IF NOT EXISTS ${at}.schema_version (version INTEGER)`,
    ...steps,
    `DELETE FROM ${at}.schema_version`,
    `INSERT INTO ${at}.schema_version VALUES (${SCHEMA_VERSION})`,
  ];
}

/**
 * One row a trace: made once when a segment is sealed, and read in its place afterwards. What shows a trace is its
 * root, else the span that began first: the others are put behind by 3,000 years, which leaves 1/64 ms of precision.
 */
export function traceSummaries(at: string, where = 'true'): string {
  const order = 'start + CASE WHEN parent = 0 THEN 0 ELSE 1e14 END';
  const shown = ['origin', 'name', 'http'].map(column => `arg_min(${column}, ${order}) AS ${column}`);
  // A client that called us is a root without a route; what one searches by is the route that it called.
  shown.push(`coalesce(arg_min(route, ${order}) FILTER (route <> ''), '') AS route`);
  return `SELECT trace_hi, trace_lo, min(start) AS start, max(start + ms) AS finish, count(*) AS spans,
    count(*) FILTER (status = 2) AS errors, bool_or(parent = 0) AS rooted, list(DISTINCT origin) AS origins,
    arg_min(start, ${order}) AS head, ${shown.join(', ')}
    FROM ${at}.spans WHERE ${where} GROUP BY trace_hi, trace_lo`;
}
