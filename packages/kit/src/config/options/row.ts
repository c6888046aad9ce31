/** One option, declared once: the loader, the types, `.env.example`, the docs and `plimsoll config` read it. */
export interface OptionRow {
  /** Dotted, as in code and in the file's `obs` block: `log.level`. */
  readonly key: string;
  /** Environment names, the first that is set wins. */
  readonly env?: readonly string[];
  /** `key` is base64 of 32 bytes; `handed` an object that only code can give, such as a database's pool. */
  readonly type:
    | 'boolean'
    | 'integer'
    | 'number'
    | 'string'
    | 'enum'
    | 'list'
    | 'map'
    | 'url'
    | 'key'
    | 'handed';
  readonly default: unknown;
  readonly values?: readonly string[];
  /** Other words for a value, as the seeds and the field write them. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly min?: number;
  readonly max?: number;
  /** Shown as `[set]`, never echoed in an error. */
  readonly secret?: true;
  /** Also read from the file that the variable's name with `_FILE` points to. */
  readonly file?: true;
  /** A URL may be `host:port` alone, as gRPC's endpoints are. */
  readonly bareHost?: true;
  /** A bad value is a warning and not a finding: the service starts clean with the default. */
  readonly lenient?: true;
  readonly doc: string;
}
