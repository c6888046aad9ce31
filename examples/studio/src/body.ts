import type { Context } from 'hono';
import { Refusal } from './failure.ts';

/** Bytes of a request's body; scenes are the largest. */
const BODY_LIMIT = 1024 * 1024;
/** Bytes that are read and thrown away at most, so that a client which sends too much can read why it is refused. */
const DISCARDED = 8 * BODY_LIMIT;
/** Deeper than any scene that a person writes, and shallow enough for every function that walks it. */
const DEEPEST = 64;

export type Members = Readonly<Record<string, unknown>>;

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The body as JSON; undefined where there is none. 400 for what is not JSON, or nested without end. */
export async function readJson(c: Context): Promise<unknown> {
  const text = await readText(c.req.raw);
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'body is not JSON', { code: 'invalid_json' });
  }
  if (isDeep(value)) throw new Refusal(400, 'body is nested too deeply', { code: 'invalid_json' });
  return value;
}

/** Not Hono's own limit, which makes a new Request of one that is no global Request here. */
async function readText({ body }: Request): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
    else if (size > DISCARDED) break;
  }
  if (size > BODY_LIMIT) throw new Refusal(413, 'payload too large');
  return Buffer.concat(chunks).toString('utf8');
}

/** Level by level, not by recursion, which is what it protects. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return true;
    level = level.flatMap(one => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}
