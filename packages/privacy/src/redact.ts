import { createHasher } from './blake2s.ts';
import { scan } from './detect.ts';
import { type Class, classifyKey } from './keys.ts';
import { type Column, type PolicyOptions, Verdicts } from './policy.ts';
import { quote } from './quote.ts';
import { type AttributeValue, cleanAttributes, renderFields, type Source } from './render.ts';
import { mapText, type Root, rooted } from './roots.ts';
import { sanitizeSql } from './sql.ts';
import { stripUrl } from './url.ts';
import { Walker } from './walk.ts';

export interface PrivacyOptions extends Omit<PolicyOptions, 'rooted'> {
  /** The secret of the keyed hash: 32 bytes. */
  readonly key: Uint8Array;
  /** What `logs` show of a user's id: its hash (the default), or the id itself. */
  readonly userId?: 'hash' | 'raw';
  /** What `logs` show of a position: nothing (the default), or an area of at least a kilometre. */
  readonly position?: 'drop' | 'cell';
  /** Hashes as installations of the seed's hosts made them: namespace and value joined without a frame. */
  readonly compatible?: boolean;
  /** Folders that `dumps` show by their names; asked once, when something is dumped. */
  readonly roots?: () => readonly Root[];
}

/**
 * The one policy that stands before memory, disk and wire. No method throws, whatever it is given, and none keeps
 * what it was given but one short text for each name, which was found clean, to compare the next one with. The words that stand for what was found: `[redacted]`, `[email]`, `[phone]`, `[card]`,
 * `[position]`, `[jwt]`, `[private_key]` and one per vendor's key; `[circular]`, `[truncated]`, `[unreadable]` and
 * `[N bytes]` for what is no data.
 */
export interface Privacy {
  /**
   * The whole text, with secrets and personal values in it replaced; in `labels`, a URL also loses its query, and in
   * `dumps` places below known folders are `<name>/…`.
   */
  text(value: string, column?: Column): string;
  /**
   * A plain copy that JSON can hold: at most 8 deep, 1,000 nodes, 5 ms; text of 256 characters (stacks 8,192);
   * in logs, labels and spans lists and maps of ten items, elsewhere of 64.
   */
  redact(value: unknown, column: Column): unknown;
  /**
   * The own fields of a log call as a JSON fragment `,"k":v,"k2":v2`, at most 64 of them; a name in `reserved`
   * comes out as `extra_NAME`.
   */
  fields(fields: object, reserved: ReadonlySet<string>): string;
  /** A clean flat copy of a span's or record's attributes. */
  attributes(attributes: object, column: Column): Readonly<Record<string, AttributeValue>>;
  /** Keyed BLAKE2s-128 in 32 lower-case hex digits; the same value in another namespace has another digest. */
  hash(value: string | number | bigint, namespace?: string): string;
  /** A JSON string literal. */
  quote(text: string): string;
  /** What a name says about its value. */
  classify(key: string): Class;
  /** A URL without login, query and fragment. */
  url(text: string): string;
  /** The shape of an SQL statement, at most 1,024 characters. */
  sql(text: string): string;
}

const COLUMNS: readonly Column[] = ['logs', 'telemetry', 'labels', 'spans', 'echo', 'hooks', 'dumps'];

export function createPrivacy(options: PrivacyOptions): Privacy {
  const hash = createHasher(options.key, { compatible: options.compatible === true });
  const place = rooted(options.roots ?? (() => []));
  const sources = Object.fromEntries(
    COLUMNS.map(column => {
      const verdicts = new Verdicts(column, { ...options, rooted: place });
      return [column, { verdicts, walker: new Walker({ column, verdicts, hash }) }];
    }),
  ) as Record<Column, Source>;
  const logs = sources.logs;

  return {
    text: (value, column) => {
      if (column === 'dumps') return scan(place(value));
      return scan(column === 'labels' && value.includes('?') ? stripUrl(value) : value);
    },
    redact: (value, column) => {
      const { walker } = sources[column];
      walker.begin();
      const copy = walker.any(value);
      return column === 'dumps' ? mapText(copy, place) : copy;
    },
    fields: (fields, reserved) => renderFields(logs, fields, reserved),
    attributes: (attributes, column) => cleanAttributes(sources[column], attributes),
    hash,
    quote,
    classify: key => classifyKey(key).class,
    url: stripUrl,
    sql: sanitizeSql,
  };
}
