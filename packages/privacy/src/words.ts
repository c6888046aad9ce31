/** A run of capitals (`IP` in `IPAddress`), a word of one case, or a run of digits that starts a part. */
const WORD = /IDs(?![a-z])|\p{Lu}+\d*(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}]+\d*|\d+/gu;
/** Keys are names; what is longer is data, and only its head is read. */
const MAX_KEY = 128;

/** Words that people write together. */
const JOINED = new Map<string, readonly string[]>(
  [
    ...['access key', 'access token', 'account id', 'api key', 'auth token', 'author id', 'bearer token'],
    ...['client ip', 'client secret', 'database url', 'device id', 'email address', 'file key', 'file name'],
    ...[
      'file path',
      'first name',
      'full name',
      'id token',
      'ip addr',
      'ip address',
      'last name',
      'mac address',
    ],
    ...['phone number', 'postal code', 'private key', 'query string', 'refresh token', 'remote addr'],
    ...['remote address', 'secret key', 'serial number', 'session id', 'session token', 'set cookie'],
    ...['storage key', 'user email', 'user id', 'user ip', 'user name', 'user lat', 'user lon', 'e mail'],
    ...['login name', 'nick name', 'path name', 'api token', 'password hash', 'display name', 'stack trace'],
  ].map(phrase => [phrase.replace(' ', ''), phrase.split(' ')]),
);

/** `dbpassword`, `xsrftoken`: whatever stands before, written together. */
const COMPOUND = /^([a-z]{2,})(passwords?|passwd|secrets?|tokens?|apikeys?)$/;

/** The lower-case words of a name in camelCase, snake_case, kebab-case or with dots; `apikey` counts as two. */
export function wordsOf(key: string): readonly string[] {
  const found = key.slice(0, MAX_KEY).match(WORD) ?? [];
  const words: string[] = [];
  for (const raw of found) {
    const word = raw.toLowerCase();
    const joined = JOINED.get(word);
    if (joined !== undefined) words.push(...joined);
    else words.push(...(COMPOUND.exec(word)?.slice(1) ?? [word]));
  }
  return words;
}

/** Whether `word`, its singular, or either without a number at its end, is in the set. */
export function among(set: ReadonlySet<string>, word: string | undefined): boolean {
  if (word === undefined) return false;
  if (set.has(word)) return true;
  const bare = word.replace(/\d+$/, '');
  return set.has(bare) || (bare.endsWith('s') && set.has(bare.slice(0, -1)));
}

export function isPlural(set: ReadonlySet<string>, word: string): boolean {
  return !set.has(word) && word.endsWith('s') && set.has(word.slice(0, -1));
}
