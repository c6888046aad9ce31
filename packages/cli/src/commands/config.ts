import { join } from 'node:path';
import type { Command } from 'commander';
import { type Config, type ConfigEntry, type ConfigWarning, loadConfig } from 'plimsoll/kit';
import type { ExitCode } from '../main.ts';
import type { Output } from '../output/output.ts';
import { table } from '../output/table.ts';
import { readEnvFile } from './env-file.ts';

interface Choices {
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly envFile?: string;
}

const ENV_FILE = 'read variables from this file too; those of the environment win';

/** `plimsoll config print` and `plimsoll config validate`. */
export function configCommand(program: Command, output: Output, done: (code: ExitCode) => void): void {
  const config = program
    .command('config')
    .description('show or check the configuration of the service in this folder');
  config
    .command('print')
    .description('every option, its value and where it came from')
    .option('--json', 'as JSON')
    .option('--env-file <file>', ENV_FILE)
    .action((choices: Choices) => done(print(choices, output)));
  config
    .command('validate')
    .description('exits 0 when the configuration is good, else 1')
    .option('--strict', 'warnings count as errors')
    .option('--json', 'as JSON: {ok, errors, warnings}')
    .option('--env-file <file>', ENV_FILE)
    .action((choices: Choices) => done(validate(choices, output)));
}

function print(choices: Choices, output: Output): ExitCode {
  const loaded = load(choices);
  if ('problem' in loaded) {
    output.error(`${loaded.problem}\n`);
    return 1;
  }
  const entries = loaded.config.entries();
  if (choices.json) {
    const rows = entries.map(({ key, value, source, env, doc }) => ({
      key,
      value: value ?? null,
      source,
      env,
      doc,
    }));
    output.out(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  const rows = entries.map(entry => [entry.key, valueText(entry), sourceText(entry), entry.doc]);
  output.out(`${table([['OPTION', 'VALUE', 'SOURCE', 'ABOUT'], ...rows])}\n`);
  return 0;
}

function validate(choices: Choices, output: Output): ExitCode {
  const loaded = load(choices);
  const errors = 'problem' in loaded ? [loaded.problem] : loaded.config.findings.map(line('ERROR'));
  const all: readonly ConfigWarning[] =
    'problem' in loaded ? [] : [...loaded.duplicates, ...loaded.config.warnings];
  const promoted = all.filter(warning => choices.strict && !warning.advice);
  errors.push(...promoted.map(line('ERROR')));
  const warnings = all.filter(warning => !promoted.includes(warning)).map(line('WARNING'));
  const ok = errors.length === 0;
  if (choices.json) {
    output.out(`${JSON.stringify({ ok, errors, warnings }, null, 2)}\n`);
  } else {
    const last = ok
      ? 'The configuration is valid.'
      : `The configuration is not valid: ${errors.length} to mend.`;
    output.out(`${[...errors, ...warnings, last].join('\n')}\n`);
  }
  return ok ? 0 : 1;
}

const line = (severity: 'ERROR' | 'WARNING') => (found: { field: string; message: string }) =>
  `[${severity}] ${found.field}: ${found.message}`;

type Loaded =
  | { readonly problem: string }
  | { readonly config: Config; readonly duplicates: readonly ConfigWarning[] };

/** The configuration as a service started in this folder would have it. */
function load({ envFile }: Choices): Loaded {
  const file = envFile === undefined ? { variables: {}, duplicates: [] } : readEnvFile(envFile);
  if (!file) return { problem: `[ERROR] ${envFile}: Cannot read this file` };
  // An empty variable is as good as unset, so it must not hide one of the file.
  const set = Object.entries(process.env).filter(([, value]) => value !== '');
  const env = { ...file.variables, ...Object.fromEntries(set) };
  const config = loadConfig({ env, argv1: join(process.cwd(), 'service'), mayThrow: false });
  return { config, duplicates: file.duplicates };
}

function valueText({ value }: ConfigEntry): string {
  if (value === undefined || value === '') return '-';
  // Quoted where a line feed or an escape would break the table, or the terminal.
  return typeof value === 'string' && !/\p{Cc}/u.test(value) ? value : JSON.stringify(value);
}

function sourceText({ source }: ConfigEntry): string {
  return source.name ? `${source.kind} ${source.name}` : source.kind;
}
