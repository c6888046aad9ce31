import type { Page } from '@plimsoll/wire';
import type { Output } from '../output/output.ts';
import { type Client, createClient, Failure, type Params } from './client.ts';
import type { AskFlags } from './flags.ts';

/** What a command ends with: 0 fine, 1 something is wrong or is not there, 2 called wrongly, 3 no console. */
export type Code = number;

export interface Asked<T> {
  /** What `--json` prints. */
  readonly answer: T;
  /** What a person reads. */
  readonly text: () => string;
  readonly code?: Code;
}

export interface Asking<T> {
  readonly flags: AskFlags;
  readonly output: Output;
  readonly ask: (client: Client) => Promise<Asked<T>>;
}

/** Asks a console and prints the answer: the one place where a failure becomes words and an exit code. */
export async function ask<T>({ flags, output, ask: fetchAnswer }: Asking<T>): Promise<Code> {
  return failing(output, async () => {
    const { answer, text, code = 0 } = await fetchAnswer(createClient(flags.console, process.env));
    output.out(`${flags.json ? JSON.stringify(answer, null, 2) : text()}\n`);
    return code;
  });
}

export async function failing(output: Output, run: () => Promise<Code>): Promise<Code> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    output.error(`${error.message}\n`);
    return error.code;
  }
}

/** A long search comes in parts; here somebody waits for all of it. */
export async function whole<T>(client: Client, path: string, params: Params): Promise<Page<T>> {
  let page = await client.get<Page<T>>(path, params);
  const limit = Number(params['limit'] ?? 100);
  while (page.searchedTo !== undefined && page.items.length < limit) {
    const rest = { ...params, cursor: page.next, limit: limit - page.items.length };
    const more = await client.get<Page<T>>(path, rest);
    page = { ...more, items: [...page.items, ...more.items] };
  }
  return page;
}

/** A list for a person: its table, or why there is none, and how to go on. */
export function listing(rows: string, { next, empty }: { next?: string | undefined; empty: string }): string {
  if (rows === '') return empty;
  return next === undefined ? rows : `${rows}\n\nThere is more: --cursor ${next}`;
}
