import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { strFromU8, unzipSync } from 'fflate';
import type { ExitCode } from '../main.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/table.ts';

type Done = (code: ExitCode) => void;

/** What is read of a bundle's manifest; the rest of it is shown as it stands. */
interface Manifest {
  readonly generated_at?: string;
  readonly app_version?: string;
  readonly anonymous_id?: string;
  readonly consent?: Readonly<Record<string, boolean>>;
  readonly files?: readonly { readonly name: string; readonly why: string; readonly redacted: string }[];
}

interface Member {
  readonly name: string;
  readonly bytes: number;
  readonly why: string | undefined;
  readonly redacted: string | undefined;
}

/** A bundle of the service's is a few hundred kilobytes; what unpacks to more is not one. */
const MAX_BYTES = 64 * 1024 * 1024;

/** `plimsoll bundle show`: what is in a diagnostics bundle, why, and what was redacted. */
export function bundleCommand(program: Command, output: Output, done: Done): void {
  const bundle = program.command('bundle').description('look into a diagnostics bundle');
  bundle
    .command('show')
    .description('shows what is in it, why, and what was redacted; 1 where it is none, or damaged')
    .argument('<file>', 'the zip')
    .option('--json', 'as JSON: {manifest, members}')
    .option('--member <name>', 'that file alone, as it is in the bundle')
    .action(async (file: string, choices: { readonly json?: boolean; readonly member?: string }) =>
      done(await show(file, choices, output)),
    );
}

async function show(
  file: string,
  { json, member }: { readonly json?: boolean; readonly member?: string },
  output: Output,
): Promise<ExitCode> {
  const fail = (reason: string): ExitCode => {
    output.error(`${printable(file)}: ${reason}\n`);
    return 1;
  };
  let data: Uint8Array;
  try {
    data = await readFile(file);
  } catch (error) {
    return fail(`can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  let files: Record<string, Uint8Array>;
  let manifest: Manifest;
  try {
    let left = MAX_BYTES;
    files = unzipSync(data, {
      filter: ({ originalSize }) => {
        left -= originalSize;
        return left >= 0;
      },
    });
    manifest = JSON.parse(strFromU8(files['manifest.json'] ?? new Uint8Array())) as Manifest;
  } catch {
    return fail('is no diagnostics bundle: no zip with a manifest.json that can be read');
  }
  if (member !== undefined) {
    const content = Object.hasOwn(files, member) ? files[member] : undefined;
    if (content === undefined) return fail(`has no ${printable(member)}; it has ${names(files)}`);
    output.out(strFromU8(content));
    return 0;
  }
  const members = Object.entries(files).map(([name, bytes]) => memberOf(name, bytes, manifest));
  output.out(json ? `${JSON.stringify({ manifest, members }, null, 2)}\n` : `${text(manifest, members)}\n`);
  return 0;
}

function memberOf(name: string, content: Uint8Array, { files = [] }: Manifest): Member {
  const said = files.find(file => file.name === name);
  return { name, bytes: content.length, why: said?.why, redacted: said?.redacted };
}

function text(manifest: Manifest, members: readonly Member[]): string {
  const consent = Object.entries(manifest.consent ?? {}).map(([name, given]) => `${name} ${given}`);
  const head = [
    `made      ${manifest.generated_at ?? 'unknown'}`,
    `version   ${manifest.app_version ?? 'unknown'}`,
    `by        ${manifest.anonymous_id ?? 'unknown'}`,
    `consent   ${consent.join(', ')}`,
  ];
  const rows = members.flatMap(({ name, bytes, why, redacted }) => [
    '',
    `${name}, ${bytes} bytes`,
    `  why       ${why ?? 'the manifest does not say'}`,
    `  redacted  ${redacted ?? 'the manifest does not say'}`,
  ]);
  return [...head, ...rows].map(printable).join('\n');
}

const names = (files: Readonly<Record<string, unknown>>): string =>
  Object.keys(files).map(printable).join(', ');
