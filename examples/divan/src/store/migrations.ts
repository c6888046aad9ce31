/** One step of the schema. The statements are valid in SQLite and in PostgreSQL. */
export interface Migration {
  readonly version: string;
  readonly statements: readonly string[];
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: '0001',
    statements: [
      `CREATE TABLE people (
        user_id TEXT PRIMARY KEY, display_name TEXT NOT NULL, handle TEXT NOT NULL, avatar_url TEXT,
        campus_id TEXT, city TEXT, visibility TEXT NOT NULL, blur_m INTEGER NOT NULL,
        headline TEXT, major TEXT, year INTEGER, interests TEXT, languages TEXT)`,
      'CREATE INDEX people_campus ON people (campus_id)',
      'CREATE INDEX people_city ON people (city)',
      'CREATE TABLE friendships (user_id TEXT NOT NULL, friend_id TEXT NOT NULL, PRIMARY KEY (user_id, friend_id))',
      `CREATE TABLE invites (
        from_id TEXT NOT NULL, to_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (from_id, to_id))`,
      'CREATE TABLE blocks (user_id TEXT NOT NULL, blocked_id TEXT NOT NULL, PRIMARY KEY (user_id, blocked_id))',
    ],
  },
  {
    version: '0002',
    statements: [
      'CREATE TABLE conversations (conversation_id TEXT PRIMARY KEY, last_seq INTEGER NOT NULL)',
      `CREATE TABLE messages (
        conversation_id TEXT NOT NULL, seq INTEGER NOT NULL, message_id TEXT NOT NULL UNIQUE,
        client_msg_id TEXT NOT NULL, sender_id TEXT NOT NULL, recipient_id TEXT NOT NULL, body TEXT NOT NULL,
        attachments TEXT NOT NULL, at BIGINT NOT NULL, delivered_at BIGINT, read_at BIGINT,
        PRIMARY KEY (conversation_id, seq))`,
      'CREATE INDEX messages_outbox ON messages (conversation_id, recipient_id, seq) WHERE delivered_at IS NULL',
      `CREATE TABLE clearings (
        conversation_id TEXT NOT NULL, user_id TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (conversation_id, user_id))`,
      `CREATE TABLE idempotency_keys (
        user_id TEXT NOT NULL, route TEXT NOT NULL, idem_key TEXT NOT NULL, hash TEXT NOT NULL,
        message_id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (user_id, route, idem_key))`,
      'CREATE INDEX idempotency_keys_at ON idempotency_keys (at)',
    ],
  },
  {
    version: '0003',
    statements: [
      `CREATE TABLE positions (
        user_id TEXT PRIMARY KEY, lat DOUBLE PRECISION NOT NULL, lon DOUBLE PRECISION NOT NULL,
        accuracy_m DOUBLE PRECISION NOT NULL, campus_id TEXT, at BIGINT NOT NULL)`,
      'CREATE INDEX positions_lat_lon ON positions (lat, lon)',
    ],
  },
  {
    version: '0004',
    statements: [
      `CREATE TABLE rooms (
        room_id TEXT PRIMARY KEY, name TEXT NOT NULL, owner_id TEXT NOT NULL, at BIGINT NOT NULL)`,
      'CREATE TABLE room_members (room_id TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (room_id, user_id))',
      `CREATE TABLE activities (
        activity_id TEXT PRIMARY KEY, kind TEXT NOT NULL, owner_id TEXT NOT NULL, at BIGINT NOT NULL,
        completed_at BIGINT)`,
    ],
  },
  {
    version: '0005',
    statements: [
      `CREATE TABLE scores (
        day TEXT NOT NULL, user_id TEXT NOT NULL, campus_id TEXT, points INTEGER NOT NULL,
        PRIMARY KEY (day, user_id))`,
      `CREATE TABLE standings (
        day TEXT NOT NULL, scope TEXT NOT NULL, place INTEGER NOT NULL, user_id TEXT NOT NULL,
        points INTEGER NOT NULL, PRIMARY KEY (day, scope, place))`,
    ],
  },
];

export const NEWEST = MIGRATIONS[MIGRATIONS.length - 1]!.version;
