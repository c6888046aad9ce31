import { resolve } from 'node:path';
import { PlimsollError } from '../base/errors.ts';
import { parseObject, type ReadFile, readConfigFile } from './files.ts';
import type { ConfigFinding, ConfigWarning } from './finding.ts';
import { flatten } from './flatten.ts';
import type { OptionRow } from './options/row.ts';
import { checkValue, isObject, parseText } from './parse.ts';

export type SourceKind = 'code' | 'env' | 'file' | 'default';

/** Where a value came from: a variable's name for `env`, a path as configured for `file`. */
export interface Source {
  readonly kind: SourceKind;
  readonly name?: string;
}

export interface Reading {
  readonly value: unknown;
  readonly source: Source;
}

/** What one place says, by option key. A key whose value was bad is present with the default. */
export type Readings = Map<string, Reading>;
export type Table = ReadonlyMap<string, OptionRow>;
export type Env = Readonly<Record<string, string | undefined>>;

/** Collects what is wrong while the places are read. */
export interface Report {
  readonly findings: ConfigFinding[];
  readonly warnings: ConfigWarning[];
}

const DEFAULT: Source = { kind: 'default' };
/** They say where the files are, so a file can't set them. */
const NOT_IN_FILE = new Set(['runtimeRoot', 'configFiles']);

/** Options in code; the only place whose mistakes are thrown, since whoever wrote them is there to read it. */
export function readCode(table: Table, code: Readonly<Record<string, unknown>>): Readings {
  const { values, unknown, notGroups } = flatten(code, new Set(table.keys()));
  const stranger = unknown[0];
  if (stranger) {
    const hint = stranger.nearest ? `, did you mean ${stranger.nearest}` : '';
    throw new PlimsollError('PLIMSOLL_UNKNOWN_OPTION', `${stranger.key}${hint}`);
  }
  if (notGroups[0]) throw new PlimsollError('PLIMSOLL_BAD_OPTION', `${notGroups[0]}: Expected: an object`);
  const readings: Readings = new Map();
  for (const [key, raw] of values) {
    const parsed = checkValue(table.get(key)!, raw);
    if (!parsed.ok) throw new PlimsollError('PLIMSOLL_BAD_OPTION', `${key}: ${parsed.message}`);
    readings.set(key, { value: parsed.value, source: { kind: 'code' } });
  }
  return readings;
}

/** The environment. An empty variable is as good as unset. */
export function readEnvironment(table: Table, env: Env, report: Report): Readings {
  const readings: Readings = new Map();
  for (const row of table.values()) {
    const name = row.env?.find(candidate => env[candidate] !== undefined && env[candidate] !== '');
    if (name === undefined) continue;
    const reading = readText(row, name, env[name]!, report);
    if (reading) readings.set(row.key, reading);
  }
  return readings;
}

/** Variables with `_FILE`: the secret is in the file that they name, as container platforms mount it. */
export function readSecretFiles(table: Table, env: Env, base: string, report: Report): Readings {
  const readings: Readings = new Map();
  for (const row of table.values()) {
    const name = row.file && row.env?.map(candidate => `${candidate}_FILE`).find(candidate => env[candidate]);
    if (!name) continue;
    const { text } = readConfigFile(resolve(base, env[name]!.trim()));
    if (text === undefined) {
      report.findings.push({ field: name, code: 'unreadable_file', message: 'Cannot read this file' });
      continue;
    }
    const reading = readText(row, name, text, report);
    if (reading) readings.set(row.key, reading);
  }
  return readings;
}

function readText(row: OptionRow, name: string, text: string, report: Report): Reading | undefined {
  const parsed = parseText(row, text);
  if (!parsed.ok) {
    (row.lenient ? report.warnings : report.findings).push({
      field: name,
      code: parsed.code,
      message: parsed.message,
    });
    return { value: row.default, source: DEFAULT };
  }
  // A text of blanks is empty, and so unset; blanks where a word is needed were refused above.
  if (parsed.value === '') return undefined;
  return { value: parsed.value, source: { kind: 'env', name } };
}

/** A config file after it was read: what it says about options, and its `features` as they stand. */
export interface ConfigFile extends ReadFile {
  /** As configured. */
  readonly label: string;
}

/** One file's `obs` block; other blocks belong to others. */
export function readFileOptions(table: Table, file: ConfigFile, report: Report): Readings {
  const readings: Readings = new Map();
  if (file.text === undefined) return readings;
  const content = parseObject(file.text);
  if (!content) {
    report.findings.push({
      field: file.label,
      code: 'config_file_corrupt',
      message: 'Not a JSON object; its settings are ignored',
    });
    return readings;
  }
  const block = content['obs'];
  if (block === undefined) return readings;
  if (!isObject(block)) {
    report.findings.push({
      field: 'obs',
      code: 'invalid_type',
      message: `Expected: an object (${file.label})`,
    });
    return readings;
  }
  const { values, unknown, notGroups } = flatten(block, new Set(table.keys()));
  const find = (key: string, code: ConfigFinding['code'], text: string) =>
    report.findings.push({ field: `obs.${key}`, code, message: `${text} (${file.label})` });
  for (const { key, nearest } of unknown) {
    find(key, 'unknown_option', nearest ? `Unknown option. Did you mean ${nearest}?` : 'Unknown option');
  }
  for (const key of notGroups) find(key, 'invalid_type', 'Expected: an object');
  for (const [key, raw] of values) {
    const row = table.get(key)!;
    const parsed = checkValue(row, raw);
    if (NOT_IN_FILE.has(key) || row.type === 'handed') {
      find(key, 'not_in_file', 'Only code and the environment may set this');
    } else if (parsed.ok) {
      readings.set(key, { value: parsed.value, source: { kind: 'file', name: file.label } });
    } else {
      if (row.lenient) {
        report.warnings.push({
          field: `obs.${key}`,
          code: parsed.code,
          message: `${parsed.message} (${file.label})`,
        });
      } else find(key, parsed.code, parsed.message);
      readings.set(key, { value: row.default, source: DEFAULT });
    }
  }
  return readings;
}
