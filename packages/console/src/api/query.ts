import { z } from 'zod';
import type { LogQuery, MetricQuery, RequestQuery, TimeRange, TraceQuery } from '../store/types.ts';
import { Refusal } from './problem.ts';

/** A year 9999 in milliseconds: a time beyond it is a slip, such as nanoseconds. */
const time = z.coerce.number().min(0).max(253_402_300_799_999);
const text = z.string().min(1).max(512);
const id = z.string().regex(/^[A-Za-z0-9._:/@+=-]{1,256}$/);
const step = z.coerce.number().min(1).max(31_536_000_000);
/** `key=value`; the key ends at the first `=`. */
const pair = z
  .string()
  .max(2048)
  .regex(/^[^=]+=/)
  .transform(given => {
    const at = given.indexOf('=');
    return { key: given.slice(0, at), value: given.slice(at + 1) };
  });
const range = { from: time.optional(), to: time.optional() };
const page = {
  ...range,
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  cursor: text.optional(),
};

export const traceParams = z.strictObject({
  ...page,
  service: text.optional(),
  name: text.optional(),
  route: text.optional(),
  status: z.enum(['ok', 'error']).optional(),
  minMs: z.coerce.number().min(0).optional(),
  maxMs: z.coerce.number().min(0).optional(),
  attribute: pair.optional(),
  order: z.enum(['newest', 'slowest']).optional(),
});

/** Which lines: of a page and of the live tail alike. */
const lineFilter = {
  service: text.optional(),
  minSeverity: z.coerce.number().int().min(0).max(24).optional(),
  text: text.optional(),
  logger: text.optional(),
  traceId: id.optional(),
  requestId: id.optional(),
  correlationId: id.optional(),
  attribute: z.array(pair).max(16).optional(),
};
export const logParams = z.strictObject({
  ...page,
  ...lineFilter,
  order: z.enum(['newest', 'oldest']).optional(),
});
export const liveParams = z.strictObject(lineFilter);

const span = { from: time, to: time };
export const rangeParams = z.strictObject(span);
export const overviewParams = z.strictObject({ ...span, step });
export const requestParams = z.strictObject({
  ...span,
  service: text.optional(),
  by: z.enum(['service', 'route']).optional(),
  step: step.optional(),
});
export const metricParams = z.strictObject({
  ...span,
  step,
  name: text,
  service: text.optional(),
  by: z.array(text).max(8).optional(),
  filter: z.array(pair).max(16).optional(),
});

/** Parameters that may stand more than once, so that they are read as lists. */
const LISTS = new Set(['by', 'filter']);

/** Reads the query by its schema; 422 names each field that is wrong, and never its value. */
export function readQuery<T>(url: URL, schema: z.ZodType<T>, lists: ReadonlySet<string> = LISTS): T {
  const given: Record<string, unknown> = {};
  for (const key of new Set(url.searchParams.keys())) {
    const all = url.searchParams.getAll(key);
    if (lists.has(key)) given[key] = all;
    else if (all.length === 1) given[key] = all[0];
    else throw new Refusal('validation_error', { errors: [{ field: key, code: 'repeated' }] });
  }
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const errors = read.error.issues.map(issue => ({
    field: issue.path.join('.') || ('keys' in issue ? String(issue.keys) : ''),
    code: issue.code,
  }));
  throw new Refusal('validation_error', { errors });
}

const LINE_LISTS: ReadonlySet<string> = new Set(['attribute']);

/** A page that waits for more than a second reads as one that hangs; what comes later is asked for. */
const SEARCH_MS = 350;

export function traceQuery(url: URL): TraceQuery {
  const query = readQuery(url, traceParams);
  checkRange(query);
  return { ...query, ...(query.attribute && { budgetMs: SEARCH_MS }) } as TraceQuery;
}

export function logQuery(url: URL): LogQuery {
  const { attribute, ...rest } = readQuery(url, logParams, LINE_LISTS);
  checkRange(rest);
  // What every row must be looked through for; all else stops by itself.
  const long = rest.text !== undefined || attribute !== undefined;
  return {
    ...rest,
    ...(attribute && { attributes: attribute }),
    ...(long && { budgetMs: SEARCH_MS }),
  } as LogQuery;
}

/** The filter of a live tail: no range, no page. */
export function liveQuery(url: URL): LogQuery {
  const { attribute, ...rest } = readQuery(url, liveParams, LINE_LISTS);
  return { ...rest, ...(attribute && { attributes: attribute }) } as LogQuery;
}

export function metricQuery(url: URL): MetricQuery {
  const { filter, step: asked, ...rest } = readQuery(url, metricParams);
  checkRange(rest);
  const labels = Object.fromEntries((filter ?? []).map(({ key, value }) => [key, value]));
  return { ...rest, step: atLeast(rest, asked), ...(filter && { filter: labels }) } as MetricQuery;
}

export function requestQuery(url: URL): RequestQuery {
  const query = readQuery(url, requestParams, new Set());
  checkRange(query);
  return { ...query, ...(query.step && { step: atLeast(query, query.step) }) } as RequestQuery;
}

export function overviewQuery(url: URL): TimeRange & { readonly step: number } {
  const query = readQuery(url, overviewParams);
  checkRange(query);
  return { ...query, step: atLeast(query, query.step) };
}

const waitParams = z.strictObject({ wait: z.coerce.number().int().min(0).max(10_000).optional() });

/** Milliseconds that the asker would wait for what is not there yet. */
export function waitQuery(url: URL): number {
  return readQuery(url, waitParams).wait ?? 0;
}

/** The store answers at most 1,000 steps. */
function atLeast({ from, to }: TimeRange, asked: number): number {
  return Math.max(asked, Math.ceil((to - from) / 1000));
}

export function checkRange({ from, to }: { from?: number | undefined; to?: number | undefined }): void {
  if (from !== undefined && to !== undefined && from >= to) {
    throw new Refusal('validation_error', { errors: [{ field: 'to', code: 'not_after_from' }] });
  }
}
