import type { LogQuery, LogRow } from '../store/types.ts';

/** Whether a line that just came passes the filter of a tail: what the store's query would say of it. */
export function matches(row: LogRow, query: LogQuery): boolean {
  if (query.service !== undefined && row.service !== query.service) return false;
  if (query.minSeverity !== undefined && row.severity < query.minSeverity) return false;
  if (query.logger !== undefined && row.logger !== query.logger) return false;
  if (query.traceId !== undefined && row.traceId !== query.traceId) return false;
  if (query.requestId !== undefined && row.requestId !== query.requestId) return false;
  if (query.correlationId !== undefined && row.correlationId !== query.correlationId) return false;
  const attributes = query.attributes ?? [];
  if (!attributes.every(({ key, value }) => key in row.attributes && textOf(row.attributes[key]) === value)) {
    return false;
  }
  return query.text === undefined || holds(row, query.text.toLowerCase());
}

function holds(row: LogRow, text: string): boolean {
  if (row.body.toLowerCase().includes(text)) return true;
  return Object.values(row.attributes).some(value => textOf(value).toLowerCase().includes(text));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return '';
  return typeof value === 'object' && value !== null ? JSON.stringify(value, bigints) : String(value);
}

const bigints = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;
