import { z } from 'zod';

export const seconds = z.number().min(0).meta({ description: 'Seconds since the Unix epoch' });
export const flag = z
  .boolean()
  .meta({ description: 'Whether this part is on, by its umbrella flag or its legacy one' });
export const ok = z.literal(true);
export const metadata = z.record(z.string(), z.unknown());
/** Lists are cut to this. */
export const limit = z.coerce.number().int().min(1).max(100).default(5);
