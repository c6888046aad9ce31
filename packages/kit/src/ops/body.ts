import type { ZodType } from 'zod';
import { z } from 'zod';
import { OpsError } from '../base/ops-error.ts';

/** Bytes of a request body at most, where the route says nothing else. */
export const BODY_LIMIT = 65_536;

/** Refuses a declared length over the limit before a byte is read. */
export function checkLength(request: Request, limit = BODY_LIMIT): void {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
}

/** Reads, parses and validates a body; 413 over the limit, 422 for everything that is wrong with it. */
export async function readBody(request: Request, schema: ZodType, limit = BODY_LIMIT): Promise<unknown> {
  const text = await readText(request, limit);
  let input: unknown;
  try {
    input = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw invalid([{ field: '', code: 'invalid_json' }]);
  }
  return validate(input, schema);
}

/** Validates a query; 422 like a body. A name given twice is a list. */
export function readQuery(query: URLSearchParams, schema: ZodType): unknown {
  const input: Record<string, string | string[]> = Object.create(null);
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    input[name] = values.length === 1 ? (values[0] as string) : values;
  }
  return validate({ ...input }, schema);
}

function validate(input: unknown, schema: ZodType): unknown {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const known = propertyNames(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  throw invalid(result.error.issues.map(({ path, code }) => ({ field: fieldOf(path, known), code })));
}

function invalid(errors: { field: string; code: string }[]): OpsError {
  return new OpsError('validation_error', { errors });
}

function tooLarge(): OpsError {
  return new OpsError('payload_too_large');
}

async function readText(request: Request, limit: number): Promise<string> {
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by a throw cancels the stream.
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Names that the schema does not know came from the input, and inputs are never echoed. */
function fieldOf(path: readonly PropertyKey[], known: ReadonlySet<string>): string {
  return path
    .map(part => (typeof part === 'number' || known.has(String(part)) ? String(part) : '*'))
    .join('.');
}

function propertyNames(schema: unknown, names = new Set<string>()): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null) return names;
  const { properties } = schema as { properties?: object };
  for (const name of Object.keys(properties ?? {})) names.add(name);
  for (const child of Object.values(schema)) propertyNames(child, names);
  return names;
}
