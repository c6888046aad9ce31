/**
 * `npm run bench [-- SUITE…] [-- --quick]`: measures, prints the table of targets, and writes it down. A full run
 * of every suite writes results.json and results.md; a full run of some replaces their part, and writes both once
 * every suite has one; a quick run writes results.quick.* and leaves the others alone.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Findings } from './lib/findings.ts';
import { prepare } from './lib/prepare.ts';
import { pinSelf } from './lib/processes.ts';
import { report, targetTable } from './lib/report.ts';
import { judge, SUITES, type Suite } from './lib/targets.ts';

interface Options {
  quick: boolean;
  say(line: string): void;
}
const RUN: Readonly<Record<Suite, (options: Options) => Promise<unknown>>> = {
  http: async options => (await import('./http.bench.ts')).http(options),
  calls: async options => (await import('./calls.bench.ts')).calls(options),
  scrape: async options => (await import('./scrape.bench.ts')).scrape(options),
  startup: async options => (await import('./startup.bench.ts')).startup(options),
  export: async options => (await import('./export.bench.ts')).exporting(options),
  ingest: async options => (await import('./ingest.bench.ts')).ingest(options),
};

async function main(args: readonly string[]): Promise<number> {
  const quick = args.includes('--quick');
  const named = args.filter(arg => !arg.startsWith('-'));
  const unknown = [...named.filter(name => !(SUITES as readonly string[]).includes(name))];
  if (unknown.length > 0) {
    console.error(`Unknown bench '${unknown[0]}'. There are: ${SUITES.join(', ')}`);
    return 2;
  }
  prepare();
  pinSelf();
  const began = performance.now();
  const say = (line: string): void =>
    console.error(`${String(Math.round((performance.now() - began) / 1000)).padStart(5)} s  ${line}`);
  const findings: Record<string, unknown> = {};
  for (const suite of SUITES) {
    if (named.length === 0 || named.includes(suite)) findings[suite] = await RUN[suite]({ quick, say });
  }
  const results = judge(findings as Findings, quick ? ' --quick' : '');
  console.log(`\n${quick ? 'A first reading; a full run decides.\n\n' : ''}${targetTable(results)}\n`);
  say(write(findings as Findings, quick));
  return 0;
}

/** Writes what this run may write, and says what that was. */
function write(found: Findings, quick: boolean): string {
  if (quick) {
    save('results.quick', found, 'npm run bench -- --quick');
    return 'written: bench/results.quick.json and .md';
  }
  const parts = new URL('.parts/', import.meta.url);
  mkdirSync(parts, { recursive: true });
  const all: Record<string, unknown> = {};
  for (const suite of SUITES) {
    const part = new URL(`${suite}.json`, parts);
    if (found[suite] !== undefined) writeFileSync(part, JSON.stringify(found[suite]));
    all[suite] = found[suite] ?? read(part);
  }
  const missing = SUITES.filter(suite => all[suite] === undefined);
  if (missing.length > 0) {
    save('results.quick', found, 'npm run bench');
    return `written: bench/results.quick.*; bench/results.* wait for ${missing.join(', ')}`;
  }
  save('results', all as Findings, 'npm run bench');
  return 'written: bench/results.json and .md';
}

function save(name: string, found: Findings, command: string): void {
  const results = judge(found, name === 'results' ? '' : ' --quick');
  const file = (end: string): URL => new URL(`${name}.${end}`, import.meta.url);
  writeFileSync(file('json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(file('md'), report(found, results, command));
}

function read(file: URL): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

process.exit(await main(process.argv.slice(2)));
