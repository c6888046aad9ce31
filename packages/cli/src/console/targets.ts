import { readFileSync } from 'node:fs';
import type { Target } from '@plimsoll/console';

type Env = Readonly<Record<string, string | undefined>>;
export type Targets = Readonly<Record<string, Target>>;

const NAME = 'PLIMSOLL_CONSOLE_TARGETS';

/** A file that can't be used, in words for a person. */
export class TargetsError extends Error {}

/**
 * Where the ops APIs of services are, from the JSON file that `PLIMSOLL_CONSOLE_TARGETS` names:
 * `{"orders": {"url": "http://10.0.0.7:9100", "tokenFile": "/run/secrets/orders"}}`, or `token` itself.
 */
export function readTargets(env: Env): Targets | undefined {
  const path = env[NAME];
  if (!path) return undefined;
  const given = parse(read(path), path);
  return Object.fromEntries(
    Object.entries(given).map(([service, value]) => [service, targetOf(value, service, path)]),
  );
}

function targetOf(value: unknown, service: string, path: string): Target {
  const { url, token, tokenFile } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof url !== 'string') throw new TargetsError(`${NAME}: ${path}: ${service} has no url.`);
  for (const one of [token, tokenFile]) {
    if (one !== undefined && typeof one !== 'string') {
      throw new TargetsError(`${NAME}: ${path}: the token of ${service} is no text.`);
    }
  }
  const secret = tokenFile === undefined ? (token as string | undefined) : read(tokenFile as string).trim();
  return { url, ...(secret && { token: secret }) };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TargetsError(`${NAME}: can't read ${path}: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

function parse(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, without the text: it may hold a token.
  }
  throw new TargetsError(`${NAME}: ${path} is not a JSON object of services.`);
}
