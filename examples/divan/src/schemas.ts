import { z } from 'zod';

/** Ids are opaque, colons included; no white space and nothing invisible. */
const ID = /^[^\s\p{C}]{1,128}$/u;
export const userId = z.string().regex(ID);
export const campusId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
export const isUserId = (text: string) => ID.test(text);

/** Counts characters, not UTF-16 units. PostgreSQL can't hold U+0000. */
export const prose = (most: number) =>
  z
    .string()
    .min(1)
    .max(most * 2)
    .refine(text => !text.includes('\0') && [...text].length <= most)
    .transform(text => text.toWellFormed());

/** From a query string: 1 to 200, of which 100 are served; 50 unless told. */
export const pageSize = z.coerce
  .number()
  .int()
  .min(1)
  .max(200)
  .default(50)
  .transform(limit => Math.min(limit, 100));

/** One value or several of a repeated query parameter. */
export const repeated = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    value => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).optional(),
  );

export const peer = z.object({ user: userId });
