import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { ConfigWarning } from 'plimsoll/kit';

export interface EnvFile {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Variables that the file sets twice: the last one wins, which a reader may not see. */
  readonly duplicates: readonly ConfigWarning[];
}

/** Reads a file as `node --env-file` does; undefined when it can't be read. */
export function readEnvFile(path: string): EnvFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const [, name] of text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm)) {
    (seen.has(name!) ? twice : seen).add(name!);
  }
  const duplicates = [...twice].map(field => ({
    field,
    code: 'duplicate_variable' as const,
    message: `Set twice in ${path}; the last one counts`,
  }));
  return { variables: parseEnv(text), duplicates };
}
