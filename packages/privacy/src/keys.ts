import { among, isPlural, wordsOf } from './words.ts';

/** What a name says about its value. `size` is kept everywhere; `statement` is SQL, which keeps its shape. */
export type Class =
  | 'credential'
  | 'content'
  | 'identifier'
  | 'locator'
  | 'position'
  | 'size'
  | 'statement'
  | 'none';

export interface KeyClass {
  readonly class: Class;
  /** For identifiers, and for ids of things in telemetry, whose: the namespace of their hash, so that `userId` and `user.id` give the same digest. */
  readonly kind: string;
  /** A number under this name is a count (`tokens: 12`, `users: 3`) or a length, not the thing itself. */
  readonly keepNumbers: boolean;
  /** A storage key: its last part says as much as the whole. */
  readonly opaque: boolean;
  /** The names below an object of this name are read with it in front: `device: { id }` is `device.id`. */
  readonly prefix: boolean;
}

const set = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** As the last word of a name: a size, a count, or a fact about the thing. */
const MEASURES = set(`
  ms us ns sec secs second seconds minute minutes hour hours day days byte bytes kb mb gb count counts counter size sizes
  length len total totals sum avg mean min max median p50 p75 p90 p95 p99 ratio rate percent pct limit quota budget used
  remaining status state type types kind format version encoding language lang algorithm alg mime enabled disabled
  required present valid invalid expired expires expiry ttl age depth width height index duration latency timeout
  interval capacity level score
`);
/** `max_tokens`, `prompt_tokens`, `token_budget`: a model's tokens. */
const TOKEN_COUNTS = set(`
  max min num number n total avg input output prompt completion cached cache reasoning used remaining context budget
`);

const CREDENTIALS = set(`
  password passwd passphrase passcode pwd secret token cookie jwt bearer authorization credential cred apikey otp totp
  cvv cvc csrf xsrf dsn mnemonic authtoken
`);
const CREDENTIAL_ALONE = set('auth pin pass pw');
const CREDENTIAL_PAIRS = set(`
  api_key private_key secret_key access_key signing_key signature_key encryption_key session_key auth_key hash_key
  master_key license_key account_key shared_key ssh_key service_key admin_key deploy_key host_key pgp_key gpg_key
  client_key hmac_key webhook_key connection_string conn_string conn_str connection_text connection_url connection_uri
  database_url database_uri db_url db_uri redis_url redis_uri mongo_url mongo_uri mongodb_uri postgres_url postgres_uri
  amqp_url broker_url webhook_url auth_code auth_header verification_code recovery_code backup_code security_code
  access_code activation_code reset_code oauth_code pin_code one_time login_code card_number credit_card cc_number
  seed_phrase recovery_phrase magic_link reset_link signed_url presigned_url
`);

const POSITIONS = set(`
  lat latitude lon lng longitude geo geolocation geohash geopoint geom gps coord coordinate latlng latlon lonlat lnglat
`);
const POSITION_ALONE = set('long accuracy altitude');

const CONTENTS = set('body payload caption prompt content transcript utterance comment');
const CONTENT_ALONE = set('text messages query search querystring');
const CONTENT_PAIRS = set(`
  message_text msg_text chat_text post_text reply_text comment_text caption_text prompt_text body_text body_json body_raw
  chat_message user_message direct_message private_message sms_text message_html body_html query_string url_query
  http_query raw_query query_params search_params search_query request_query message_contents
`);

/** A person, or what stands for one, as the last word of a name or before a word of ID_WORDS. */
const PEOPLE = set(
  'user account author session member customer owner person subscriber visitor patient employee',
);
/** As PEOPLE, but alone they say nothing: `device: "cuda"`. */
const THINGS = set('device enduser player sender recipient contact profile handset');
const ID_WORDS = set(
  'id uuid guid uid key no number num nr ref name handle hash login identifier fingerprint pk',
);
const ID_ALIASES = new Map([
  ...['uid', 'username', 'login', 'userid', 'sub', 'enduser'].map(word => [word, 'user_id'] as const),
  ['sid', 'session_id'],
]);
const PERSONAL = new Map<string, string>([
  ...['email', 'mail'].map(word => [word, 'email'] as const),
  ...['phone', 'telephone', 'msisdn', 'fax'].map(word => [word, 'phone'] as const),
  ...['ip', 'ipv4', 'ipv6'].map(word => [word, 'ip'] as const),
  ...['serial', 'imei', 'imsi', 'meid', 'udid', 'idfa', 'gaid', 'aaid'].map(
    word => [word, 'serial'] as const,
  ),
  ...['ssn', 'iban', 'passport', 'dob', 'birthday', 'birthdate', 'surname', 'nickname', 'fingerprint'].map(
    word => [word, 'person'] as const,
  ),
]);
const PERSONAL_WORDS: ReadonlySet<string> = new Set(PERSONAL.keys());
/** After a personal word: still that thing. */
const PERSONAL_TAIL = set('address addr number no id hash key e164');
const PERSONAL_PAIRS = new Map<string, string>([
  ...['remote', 'client', 'peer', 'source', 'caller', 'user', 'visitor']
    .flatMap(whose => [`${whose}_address`, `${whose}_addr`])
    .map(pair => [pair, 'ip'] as const),
  ...['forwarded_for', 'peer_ip', 'real_ip'].map(pair => [pair, 'ip'] as const),
  ...['mac_address', 'hardware_id', 'machine_id'].map(pair => [pair, 'serial'] as const),
  ...['mobile_number', 'cell_number', 'whatsapp_number'].map(pair => [pair, 'phone'] as const),
  ...['e_mail'].map(pair => [pair, 'email'] as const),
  ...['first', 'last', 'full', 'given', 'family', 'middle', 'maiden', 'real', 'display', 'nick', 'legal']
    .map(which => `${which}_name`)
    .map(pair => [pair, 'person'] as const),
  ...['home', 'postal', 'street', 'billing', 'shipping', 'mailing', 'delivery']
    .map(which => `${which}_address`)
    .map(pair => [pair, 'person'] as const),
  ...[
    'tax_id',
    'national_id',
    'birth_date',
    'of_birth',
    'license_plate',
    'security_number',
    'national_number',
  ].map(pair => [pair, 'person'] as const),
]);

const LOCATORS = set(`
  path filepath file filename url uri href dir directory folder referer referrer pathname cwd basename permalink
`);
const LOCATOR_PAIRS = set('http_target url_full file_name path_name original_url');
const OPAQUE_PAIRS = set(`
  file_key storage_key object_key blob_key s3_key r2_key bucket_key upload_key media_key attachment_key image_key
`);

/** Of telemetry's list, what has no class of its own. */
const TELEMETRY_WORDS = set('id uuid guid uid key license identifier address fingerprint');

const STATEMENTS = set('sql statement');
const STATEMENT_PAIRS = set('query_text sql_query db_query');

function pairs(words: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (let i = 1; i < words.length; i++) {
    const last = words[i] as string;
    joined.push(`${words[i - 1]}_${last}`);
    if (last.endsWith('s')) joined.push(`${words[i - 1]}_${last.slice(0, -1)}`);
  }
  return joined;
}

function verdict(kind: Class, extra: Partial<KeyClass> = {}): KeyClass {
  return { class: kind, kind: '', keepNumbers: false, opaque: false, prefix: false, ...extra };
}

/**
 * Reads a name by whole words: `lat` is in `userLat` and `geo.lat`, and is not in `latency_ms`, `platform` or
 * `template`. What the last word measures (`body_size`, `token_count`) is no longer the thing itself.
 */
export function classifyKey(key: string): KeyClass {
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  const found = classify(key);
  if (key.length <= CACHED_LENGTH && KNOWN.size < CACHE) KNOWN.set(key, found);
  return found;
}

/** A pure function's answers, so every policy of a process may share them. */
const KNOWN = new Map<string, KeyClass>();
const CACHE = 4096;
const CACHED_LENGTH = 96;

function classify(key: string): KeyClass {
  const words = wordsOf(key);
  const last = words.at(-1);
  if (last === undefined) return verdict('none');
  if (among(MEASURES, last) && !POSITIONS.has(last)) return verdict('size');
  const joined = pairs(words);
  const alone = words.length === 1;
  if (last.startsWith('token') && words.slice(0, -1).some(word => TOKEN_COUNTS.has(word)))
    return verdict('size');
  if (words.some(word => among(CREDENTIALS, word)) || joined.some(pair => CREDENTIAL_PAIRS.has(pair))) {
    return verdict('credential', { keepNumbers: isPlural(CREDENTIALS, last) });
  }
  if (alone && CREDENTIAL_ALONE.has(last)) return verdict('credential', { keepNumbers: last === 'pass' });
  if (words.some(word => among(POSITIONS, word)) || (alone && POSITION_ALONE.has(last)))
    return verdict('position');
  if (STATEMENTS.has(last) || joined.some(pair => STATEMENT_PAIRS.has(pair))) return verdict('statement');
  if (isContent({ last, alone, joined })) return verdict('content', { keepNumbers: true });
  return identifierOf(words, joined) ?? locatorOf(last, joined) ?? otherOf(words);
}

function isContent(name: { last: string; alone: boolean; joined: readonly string[] }): boolean {
  if (among(CONTENTS, name.last) || (name.alone && CONTENT_ALONE.has(name.last))) return true;
  return name.joined.length > 0 && CONTENT_PAIRS.has(name.joined.at(-1) as string)
    ? true
    : endsInPair(name.joined);
}

function endsInPair(joined: readonly string[]): boolean {
  return joined.slice(-2).some(pair => CONTENT_PAIRS.has(pair));
}

function identifierOf(words: readonly string[], joined: readonly string[]): KeyClass | undefined {
  for (const pair of joined) {
    const kind = PERSONAL_PAIRS.get(pair);
    if (kind !== undefined) return verdict('identifier', { kind });
  }
  const last = words.at(-1) as string;
  const before = words.at(-2);
  const alias = words.length === 1 ? ID_ALIASES.get(last) : undefined;
  if (alias !== undefined) return verdict('identifier', { kind: alias });
  for (const [word, plural] of [
    [last, isPlural(PERSONAL_WORDS, last)],
    ...(among(PERSONAL_TAIL, last) ? [[before, false] as const] : []),
  ] as const) {
    if (!among(PERSONAL_WORDS, word)) continue;
    const kind =
      PERSONAL.get(word as string) ?? PERSONAL.get((word as string).replace(/s?\d*$/, '')) ?? 'person';
    return verdict('identifier', { kind, keepNumbers: plural });
  }
  if (among(PEOPLE, last)) {
    const plural = isPlural(PEOPLE, last);
    return verdict('identifier', { kind: `${singular(last)}_id`, keepNumbers: plural });
  }
  if (among(ID_WORDS, last) && (among(PEOPLE, before) || among(THINGS, before))) {
    return verdict('identifier', { kind: `${singular(before as string)}_id` });
  }
  return undefined;
}

function singular(word: string): string {
  const bare = word.replace(/\d+$/, '').replace(/s$/, '');
  return bare === 'enduser' ? 'user' : bare;
}

function locatorOf(last: string, joined: readonly string[]): KeyClass | undefined {
  if (joined.some(pair => OPAQUE_PAIRS.has(pair))) return verdict('locator', { opaque: true });
  if (among(LOCATORS, last) || joined.some(pair => LOCATOR_PAIRS.has(pair))) {
    return verdict('locator', { keepNumbers: true });
  }
  return undefined;
}

/** Nobody's, except in telemetry, which hashes every id; `asset_id` and `asset.id` alike. */
function otherOf(words: readonly string[]): KeyClass {
  const last = words.at(-1) as string;
  const kind = words.some(word => among(TELEMETRY_WORDS, word)) ? words.slice(-2).join('_') : '';
  return verdict('none', { kind, keepNumbers: isPlural(TELEMETRY_WORDS, last), prefix: among(THINGS, last) });
}
