/** What divan itself reads from the environment; everything of Plimsoll's is Plimsoll's. */
export interface Settings {
  /** Whether a header may name the user; unset: as Plimsoll's environment says. */
  readonly development?: boolean | undefined;
  /** PostgreSQL; without it the store is SQLite. */
  readonly databaseUrl?: string | undefined;
  /** A file for SQLite; in memory unless set. `none` is the store without SQL. */
  readonly sqlitePath?: string | undefined;
  /** HS256 key of bearer tokens, 32 bytes or more. */
  readonly jwtSecret?: string | undefined;
  /** A fixed minute and user; unset: 30, and no limit in development. */
  readonly heartbeatsPerMinute?: number | undefined;
  /** A fixed minute and user; unset: 30, and 300 in development. */
  readonly nearbyPerMinute?: number | undefined;
  /** A search this small or smaller than 10 m is widened to this many metres. */
  readonly nearbyLeastM?: number | undefined;
  /** Turns requests away while there are more than can be answered in time; needs the flag `enable_perf_budgets`. */
  readonly shed?: boolean | undefined;
}

/** Reads the settings; a number that is none counts as unset. */
export function settingsFrom(env: Readonly<Record<string, string | undefined>>): Settings {
  return {
    databaseUrl: env['DATABASE_URL'] || env['POSTGRES_URL'] || undefined,
    sqlitePath: env['DIVAN_SQLITE'] || undefined,
    jwtSecret: env['JWT_SECRET'] || undefined,
    heartbeatsPerMinute: count(env['DIVAN_HEARTBEATS_PER_MINUTE']),
    nearbyPerMinute: count(env['DIVAN_NEARBY_PER_MINUTE']),
    nearbyLeastM: count(env['DIVAN_NEARBY_LEAST_M']),
    shed: env['DIVAN_SHED'] === '1',
  };
}

const count = (text: string | undefined) => (text && /^\d{1,9}$/.test(text) ? Number(text) : undefined);
