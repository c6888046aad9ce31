import type { LogRow } from '@plimsoll/wire';
import { attributes, time } from './format.ts';
import { printable } from './table.ts';

/** One line a row: when, how grave, who, what, and its fields; the ids last, as the next search wants them. */
export function logLine(row: LogRow): string {
  // A line that carries an id as a field shows it once.
  const shown = new Set<unknown>(Object.values(row.attributes));
  const ids = Object.fromEntries(
    Object.entries({ request: row.requestId, correlation: row.correlationId, trace: row.traceId })
      .filter(([, id]) => id && !shown.has(id))
      .map(([name, id]) => [name, id!]),
  );
  const who = row.logger ? `${row.service}/${row.logger}` : row.service;
  const words = [time(row.time), row.level.toUpperCase().padEnd(5), who, row.body];
  return printable(
    [...words, attributes(row.attributes), attributes(ids)].filter(word => word !== '').join('  '),
  );
}
