import { resolve } from 'node:path';
import { PlimsollError } from '../base/errors.ts';
import { derive, isDevelopment, resolveValues } from './derive.ts';
import { mergeFeatures, type RejectedFlag } from './features.ts';
import { baseFolder, parseObject, type ReadFile, readConfigFile } from './files.ts';
import type { ConfigFinding, ConfigWarning } from './finding.ts';
import type { OptionRow } from './options/row.ts';
import { type InitOptions, OPTIONS, type OptionKey, type OptionValue } from './options/table.ts';
import { applyRules, checkSpelling } from './rules.ts';
import {
  type ConfigFile,
  type Env,
  type Reading,
  type Report,
  readCode,
  readEnvironment,
  readFileOptions,
  readSecretFiles,
  type Source,
} from './sources.ts';

export interface LoadInput {
  readonly code?: InitOptions;
  /** Default: this process's. */
  readonly env?: Env;
  /** The script that was started; default: this process's. */
  readonly argv1?: string | undefined;
  /** Files that the gate has read already, so that none is read twice. */
  readonly preread?: readonly ReadFile[];
  /** Rows of parts that others write. */
  readonly rows?: readonly OptionRow[];
  /** False: never throw for findings, whatever `failFast` says; for tools that report them. */
  readonly mayThrow?: boolean;
}

/** One option as `plimsoll config print` shows it. */
export interface ConfigEntry {
  readonly key: string;
  /** `[set]` for a secret that is set; logins in URLs are masked. */
  readonly value: unknown;
  readonly source: Source;
  readonly env: readonly string[];
  readonly doc: string;
}

/** The resolved configuration of one kit; nothing in it changes. */
export interface Config {
  get<K extends OptionKey>(key: K): OptionValue<K>;
  /** An option of a part that others write; undefined for a key that nobody declared. */
  value(key: string): unknown;
  source(key: OptionKey): Source;
  /** What to call an option in a message: the variable that set it, else its first variable, else its key. */
  field(key: OptionKey): string;
  /** True in dev, development, local and test only. */
  readonly development: boolean;
  /** Where files are looked for: the runtime root, else the application's folder. */
  readonly base: string;
  readonly files: readonly ConfigFile[];
  /** The files' `features`, merged, values as they stand. */
  readonly features: Readonly<Record<string, unknown>>;
  /** Flags that are not JSON booleans. */
  readonly rejected: readonly RejectedFlag[];
  /** What keeps /health/startup at 503. */
  readonly findings: readonly ConfigFinding[];
  readonly warnings: readonly ConfigWarning[];
  entries(): readonly ConfigEntry[];
}

/**
 * Reads every option: code over environment over files over defaults.
 * Throws PLIMSOLL_BAD_OPTION and PLIMSOLL_UNKNOWN_OPTION for mistakes in code, and PLIMSOLL_BAD_CONFIG for
 * others under `failFast`; else a bad variable or file gives its option the default, and a finding.
 */
export function loadConfig(input: LoadInput = {}): Config {
  const { code = {}, env = process.env, preread = [], rows = [], mayThrow = true } = input;
  const table = new Map<string, OptionRow>([...OPTIONS, ...rows].map(row => [row.key, row]));
  const report: Report = { findings: [], warnings: [] };

  const fromCode = readCode(table, code as Readonly<Record<string, unknown>>);
  const fromEnv = readEnvironment(table, env, report);
  const early = resolveValues([table.get('runtimeRoot')!, table.get('configFiles')!], [fromCode, fromEnv]);
  const base = baseFolder(
    early.get('runtimeRoot')!.value as string | undefined,
    'argv1' in input ? input.argv1 : process.argv[1],
  );
  const fromSecrets = readSecretFiles(table, env, base, report);
  const files = openFiles(early.get('configFiles')!, base, { preread, report });
  const fromFiles = files.map(file => readFileOptions(table, file, report)).reverse();

  const values = resolveValues(table.values(), [fromCode, fromEnv, fromSecrets, ...fromFiles]);
  if (values.get('runtimeRoot')!.value)
    values.set('runtimeRoot', { ...values.get('runtimeRoot')!, value: base });
  derive(values, env);
  const config = new ResolvedConfig({ table, values, base, files, report });
  applyRules(config, env, report);
  checkSpelling(table.values(), env, report);
  if (mayThrow && config.get('failFast') && report.findings.length > 0) {
    const detail = report.findings.map(({ field, message }) => `${field}: ${message}`).join('; ');
    throw new PlimsollError('PLIMSOLL_BAD_CONFIG', detail);
  }
  return config;
}

function openFiles(
  configured: Reading,
  base: string,
  { preread, report }: { preread: readonly ReadFile[]; report: Report },
): ConfigFile[] {
  return (configured.value as readonly string[]).map(label => {
    const path = resolve(base, label);
    const file = preread.find(read => read.path === path) ?? readConfigFile(path);
    if (file.text === undefined && configured.source.kind !== 'default') {
      report.warnings.push({
        field: label,
        code: 'config_file_missing',
        message: 'No such file, or not readable',
      });
    }
    return { ...file, label };
  });
}

interface Resolved {
  readonly table: ReadonlyMap<string, OptionRow>;
  readonly values: ReadonlyMap<string, Reading>;
  readonly base: string;
  readonly files: readonly ConfigFile[];
  readonly report: Report;
}

class ResolvedConfig implements Config {
  readonly development: boolean;
  readonly base: string;
  readonly files: readonly ConfigFile[];
  readonly features: Readonly<Record<string, unknown>>;
  readonly rejected: readonly RejectedFlag[];
  readonly findings: readonly ConfigFinding[];
  readonly warnings: readonly ConfigWarning[];
  readonly #table: ReadonlyMap<string, OptionRow>;
  readonly #values: ReadonlyMap<string, Reading>;

  constructor({ table, values, base, files, report }: Resolved) {
    this.#table = table;
    this.#values = values;
    this.base = base;
    this.files = files;
    this.findings = report.findings;
    this.warnings = report.warnings;
    this.development = isDevelopment(this.get('env'));
    const merged = mergeFeatures(
      files.map(({ text, label }) => ({ label, content: text && parseObject(text) })),
    );
    this.features = merged.raw;
    this.rejected = merged.rejected;
    report.warnings.push(...merged.warnings);
  }

  get<K extends OptionKey>(key: K): OptionValue<K> {
    return this.#values.get(key)!.value as OptionValue<K>;
  }

  value(key: string): unknown {
    return this.#values.get(key)?.value;
  }

  source(key: OptionKey): Source {
    return this.#values.get(key)!.source;
  }

  field(key: OptionKey): string {
    const { kind, name } = this.source(key);
    if (kind === 'env' && name) return name;
    if (kind === 'file') return `obs.${key}`;
    return this.#table.get(key)!.env?.[0] ?? key;
  }

  entries(): readonly ConfigEntry[] {
    return [...this.#table.values()].map(row => {
      const { value, source } = this.#values.get(row.key)!;
      return { key: row.key, value: printable(row, value), source, env: row.env ?? [], doc: row.doc };
    });
  }
}

function printable(row: OptionRow, value: unknown): unknown {
  if (row.type === 'handed') return value === undefined ? undefined : '[set]';
  if (row.secret) {
    const empty =
      value === undefined || (typeof value === 'object' && Object.keys(value as object).length === 0);
    return empty ? undefined : '[set]';
  }
  return row.type === 'url' && typeof value === 'string' ? value.replace(/\/\/[^/?#]*@/, '//[set]@') : value;
}

export type { ReadFile } from './files.ts';
export type { ConfigFinding, ConfigWarning } from './finding.ts';
export type { InitOptions, OptionKey, OptionValue } from './options/table.ts';
export type { ConfigFile, Env, Source } from './sources.ts';
