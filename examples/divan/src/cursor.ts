import type { z } from 'zod';
import { Refusal } from './failure.ts';

/** A place in a list, opaque to the client: base64url over JSON, since the ids in it may hold any separator. */
export function encodeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** 400 `invalid_cursor` unless it is one that `encodeCursor` made of the same shape. */
export function decodeCursor<T>(schema: z.ZodType<T>, cursor: string): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Refusal(400, 'invalid_cursor');
  }
}
