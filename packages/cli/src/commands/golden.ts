import { relative } from 'node:path';
import type { Command } from 'commander';
import type { GoldenFlow, GoldenReport, NamedDifference } from 'plimsoll/testing';
import { loadFlow } from '../golden/load-flow.ts';
import type { ExitCode } from '../main.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/table.ts';

interface Choices {
  readonly json?: boolean;
}

type Done = (code: ExitCode) => void;

const FLOW = 'test/golden/flow.ts';

/** `plimsoll golden check` and `plimsoll golden update`. */
export function goldenCommand(program: Command, output: Output, done: Done): void {
  const golden = program
    .command('golden')
    .description('compare what a flow of requests answers with what it answered when it was last approved');
  const add = (name: 'check' | 'update', about: string) =>
    golden
      .command(name)
      .description(about)
      .argument('[flow]', 'module whose default export is the flow', FLOW)
      .option('--json', 'as JSON: {ok, file, names, differences}')
      .action(async (flow: string, choices: Choices) =>
        done(await run({ update: name === 'update', flow, output, json: choices.json === true })),
      );
  add('check', 'exits 0 when every answer is as its golden, 1 when one is not or there is none');
  add('update', 'writes the goldens anew, and shows what changed');
}

interface Run {
  readonly update: boolean;
  readonly flow: string;
  readonly output: Output;
  readonly json: boolean;
}

async function run({ update, flow: name, output, json }: Run): Promise<ExitCode> {
  let report: GoldenReport;
  try {
    const flow = await loadFlow(name);
    if (typeof flow === 'string') {
      output.error(`${flow}\n`);
      return 2;
    }
    report = await (await runner(update))(flow);
  } catch (error) {
    output.error(
      `The flow ${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`,
    );
    return 1;
  }
  const ok = update || (report.found && report.differences.length === 0);
  if (json) {
    const { file, names, differences } = report;
    output.out(`${JSON.stringify({ ok, file, names, differences }, null, 2)}\n`);
  } else output.out(`${await text(report, update)}\n`);
  if (!ok) output.error(`${advice(report, name)}\n`);
  return ok ? 0 : 1;
}

/** Loaded only here: it brings the test contracts with it. */
async function runner(update: boolean): Promise<(flow: GoldenFlow) => Promise<GoldenReport>> {
  const { checkFlow, updateFlow } = await import('plimsoll/testing');
  return update ? updateFlow : checkFlow;
}

async function text({ file, names, differences, found }: GoldenReport, update: boolean): Promise<string> {
  const at = relative('', file);
  const answers = `${names.length} ${names.length === 1 ? 'answer' : 'answers'}`;
  const all = (await byName(differences)).join('\n');
  if (!found) return update ? `${at}: new, with ${answers}.` : `${at}: there is no golden.`;
  if (differences.length === 0) return `${at}: ${answers}, as ${update ? 'they were' : 'their goldens'}.`;
  return `${all}\n${at}: ${count(differences)}${update ? ', written' : ''}.`;
}

/** Under the name of each answer, its differences. */
async function byName(differences: readonly NamedDifference[]): Promise<readonly string[]> {
  const { renderDifferences } = await import('plimsoll/testing');
  const groups = Map.groupBy(differences, ({ name }) => name);
  return [...groups].map(
    ([name, group]) =>
      `${printable(name)}\n${renderDifferences(group).split('\n').map(printable).join('\n')}`,
  );
}

const count = ({ length }: readonly unknown[]) => `${length} ${length === 1 ? 'difference' : 'differences'}`;

const advice = ({ found }: GoldenReport, name: string): string =>
  found
    ? `Where this is meant: plimsoll golden update ${name}, and say it in the changelog.`
    : `Write it: plimsoll golden update ${name}, look at it, and commit it.`;
