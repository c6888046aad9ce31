import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type AssetReport, createKit, loadConfig, type OpenAssets, openAssets } from 'plimsoll/kit';
import type { ExitCode } from '../main.ts';
import type { Output } from '../output/output.ts';
import { openPool, type Pool } from '../postgres.ts';

interface Places {
  readonly assetsDir?: string;
  readonly dbPath?: string;
  readonly dbUrl?: string;
  readonly thumbsDir?: string;
  readonly projectId?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

interface Rebuild extends Places {
  readonly fromDisk?: boolean;
  readonly removeStale: boolean;
  readonly thumbWait: boolean;
  readonly smoke: boolean;
  readonly smokeType: readonly string[];
  readonly enforceSidecars?: boolean;
  readonly overwriteSidecars?: boolean;
  readonly fixMetadata?: boolean;
  readonly metadataReport?: boolean;
}

interface Enforce extends Places {
  readonly report?: boolean;
  readonly dryRun?: boolean;
  readonly overwrite?: boolean;
  readonly fillMetadata?: boolean;
  readonly json?: boolean;
}

/** `plimsoll assets rebuild` and `plimsoll assets enforce`. */
export function assetsCommand(program: Command, output: Output, done: (code: ExitCode) => void): void {
  const assets = program
    .command('assets')
    .description('mend the registry of files of the service in this folder');
  rebuildCommand(assets, output, done);
  enforceCommand(assets, output, done);
}

function places(command: Command): Command {
  return command
    .option('--assets-dir <folder>', 'the folder of the files')
    .addOption(new Option('--db-path <file>', 'the SQLite file of the rows').conflicts('dbUrl'))
    .addOption(
      new Option(
        '--db-url <url>',
        'the PostgreSQL of the rows, where the service hands in a pool; a password is better in the variable',
      ).env('PLIMSOLL_ASSETS_DB_URL'),
    )
    .option('--thumbs-dir <folder>', 'the folder of the previews')
    .option('--project-id <id>', 'whose rows')
    .option('--verbose', 'say more');
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

function rebuildCommand(assets: Command, output: Output, done: (code: ExitCode) => void): void {
  const command = assets.command('rebuild').description('make the rows of what lies in the folder');
  places(command)
    .option('--from-disk', 'read every file of the folder')
    .option('--no-remove-stale', 'keep rows whose files are gone')
    .option('--no-thumb-wait', 'end before the previews are made')
    .option('--no-smoke', 'do not look whether there is anything afterwards')
    .option('--smoke-type <type>', 'there must be an asset of this type afterwards (repeatable)', collect, [])
    .option('--enforce-sidecars', 'write the sidecars that are missing')
    .option('--overwrite-sidecars', 'write every sidecar anew')
    .option('--fix-metadata', 'fill missing tags and licences')
    .option('--metadata-report', 'list the assets whose metadata have gaps')
    .option('--quiet', 'say nothing but errors')
    .action(async (choices: Rebuild) => {
      const mends = choices.enforceSidecars || choices.overwriteSidecars || choices.fixMetadata;
      if (!choices.fromDisk && !mends && !choices.metadataReport) {
        output.out(command.helpInformation());
        return done(1);
      }
      done(await withAssets(choices, output, opened => rebuild(opened, choices, output)));
    });
}

async function rebuild(assets: OpenAssets, choices: Rebuild, output: Output): Promise<ExitCode> {
  const say = (text: string) => void (choices.quiet || output.out(`${text}\n`));
  if (choices.fromDisk) {
    const { processed, skipped, removed } = await assets.rebuild({
      remove_stale: choices.removeStale,
      ...(choices.verbose && { onProgress: count => say(`${count} files`) }),
    });
    say(`rebuilt: ${processed} processed, ${skipped} skipped, ${removed} removed`);
  }
  const { enforceSidecars = false, overwriteSidecars = false, fixMetadata = false } = choices;
  if (enforceSidecars || overwriteSidecars || fixMetadata || choices.metadataReport) {
    const report = await assets.audit({
      fix_missing: enforceSidecars,
      overwrite: overwriteSidecars,
      fill_metadata: fixMetadata,
    });
    say(summary(report));
    if (choices.metadataReport) for (const line of gapLines(report)) say(line);
    if (enforceSidecars && report.missing_sidecars.length > 0) return 1;
  }
  if (choices.thumbWait) await assets.settled();
  return choices.smoke && choices.fromDisk ? smoke(assets, choices.smokeType, output) : 0;
}

async function smoke(assets: OpenAssets, types: readonly string[], output: Output): Promise<ExitCode> {
  for (const type of [undefined, ...types]) {
    const { total } = await assets.find({ type, limit: 1 });
    if (total > 0) continue;
    output.error(`smoke check: there is no asset${type === undefined ? '' : ` of the type ${type}`}\n`);
    return 2;
  }
  return 0;
}

function enforceCommand(assets: Command, output: Output, done: (code: ExitCode) => void): void {
  const command = assets.command('enforce').description('audit the sidecars; exits 1 while one is missing');
  places(command)
    .option('--report', 'say what was found')
    .option('--dry-run', 'write nothing')
    .option('--overwrite', 'write every sidecar anew')
    .option('--fill-metadata', 'fill missing tags and licences')
    .option('--json', 'the report as JSON')
    .action(async (choices: Enforce) =>
      done(await withAssets(choices, output, opened => enforce(opened, choices, output))),
    );
}

async function enforce(assets: OpenAssets, choices: Enforce, output: Output): Promise<ExitCode> {
  const writes = choices.dryRun !== true;
  const report = await assets.audit({
    fix_missing: writes,
    overwrite: writes && choices.overwrite === true,
    fill_metadata: writes && choices.fillMetadata === true,
  });
  if (choices.json) output.out(`${JSON.stringify(report, null, 2)}\n`);
  else {
    output.out(`${summary(report)}\n`);
    if (choices.report || choices.verbose) for (const line of reportLines(report)) output.out(`${line}\n`);
  }
  return report.missing_sidecars.length === 0 ? 0 : 1;
}

function summary(report: AssetReport): string {
  const { missing_sidecars, repaired_sidecars, metadata_missing, metadata_fixed } = report;
  return `sidecars: ${repaired_sidecars.length} repaired, ${missing_sidecars.length} missing; metadata: ${metadata_missing.length} with gaps, ${metadata_fixed.length} filled`;
}

function reportLines(report: AssetReport): readonly string[] {
  return [
    ...report.missing_sidecars.map(uid => `missing sidecar  ${uid}`),
    ...report.repaired_sidecars.map(uid => `repaired sidecar ${uid}`),
    ...gapLines(report),
    ...report.metadata_fixed.map(uid => `filled metadata  ${uid}`),
  ];
}

const gapLines = (report: AssetReport): readonly string[] =>
  report.metadata_missing.map(({ uid, fields }) => `metadata gap     ${uid} ${fields.join(', ')}`);

/** A path on the command line is relative to where the command was typed. */
const here = (path: string | undefined) => (path === undefined ? undefined : resolve(path));

/** Opens the registry as the service in this folder would have it; its lines go to the error output, when asked for. */
async function withAssets(
  choices: Places,
  output: Output,
  fn: (assets: OpenAssets) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = loadConfig({ argv1: join(process.cwd(), 'service'), mayThrow: false });
  const kit = createKit({ config });
  if (choices.verbose) kit.onLine(line => output.error(`${line}\n`));
  let assets: OpenAssets | undefined;
  let pool: Pool | undefined;
  try {
    pool = choices.dbUrl === undefined ? undefined : await openPool(choices.dbUrl);
    assets = await openAssets(kit, {
      ...{ root: here(choices.assetsDir), dbPath: here(choices.dbPath), thumbsDir: here(choices.thumbsDir) },
      ...{ project: choices.projectId, store: pool },
    });
    return await fn(assets);
  } catch (error) {
    // Where every address of a name refused, the message is empty and the code says why.
    const { message, code } = error as { message?: string; code?: string };
    output.error(`${message || code || String(error)}\n`);
    return 1;
  } finally {
    await assets?.close();
    await pool?.end();
    await kit.close();
  }
}
