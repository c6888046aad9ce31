/** One option, declared once: the loader, the types, `.env.example`, the docs and `plimsoll config` read it. */
export interface OptionRow {
  /** Dotted, as in code and in the file's `obs` block: `log.level`. */
  readonly key: string;
  /** Environment names, the first that is set wins. */
  readonly env?: readonly string[];
  readonly type: 'boolean' | 'integer' | 'number' | 'string' | 'enum' | 'list' | 'map' | 'url';
  readonly default: unknown;
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Shown as `[set]`, never echoed in an error. */
  readonly secret?: true;
  readonly doc: string;
}
