import type { LogRow, SpanRow, TraceAnswer } from '@plimsoll/wire';
import { attributes, duration } from './format.ts';
import { table } from './table.ts';

const BAR_WIDTH = 28;
/** Deeper spans stay at this depth: a line that is all indent says nothing. */
const DEEPEST = 20;
const STATUS_ERROR = 2;

/** A trace as a waterfall: spans under their parents in order of time, each with its log lines in place. */
export function traceTree({ traceId, spans, logs, critical }: TraceAnswer): string {
  const begin = Math.min(...spans.map(({ start }) => start), ...logs.map(({ time }) => time));
  const end = Math.max(
    ...spans.map(({ start, durationMs }) => start + durationMs),
    ...logs.map(({ time }) => time),
  );
  const waited = new Set(critical.map(({ spanId }) => spanId));
  const rows = inOrder(spans, logs).map(({ item, depth }) => {
    const indent = '  '.repeat(Math.min(depth, DEEPEST));
    return 'durationMs' in item
      ? spanRow(item, { indent, begin, end, critical: waited.has(item.spanId) })
      : logRow(item, { indent, begin });
  });
  const services = [...new Set(spans.map(({ service }) => service))];
  const failed = spans.filter(({ status }) => status === STATUS_ERROR).length;
  const about = [
    `Trace ${traceId}`,
    duration(end - begin),
    `${spans.length} ${spans.length === 1 ? 'span' : 'spans'} of ${services.join(', ') || 'no service'}`,
    `${failed} failed`,
    `${logs.length} log ${logs.length === 1 ? 'line' : 'lines'}`,
  ];
  const head = ['AT', 'TOOK', '', 'WATERFALL', 'WHAT'];
  return `${table([[about.join(' · ')]])}\n\n${table([head, ...rows])}\n\n* the end of the trace waited for it`;
}

interface Place {
  readonly indent: string;
  readonly begin: number;
}

function spanRow(
  span: SpanRow,
  { indent, begin, end, critical }: Place & { end: number; critical: boolean },
): readonly string[] {
  const failed =
    span.status === STATUS_ERROR ? `  failed${span.statusMessage ? `: ${span.statusMessage}` : ''}` : '';
  return [
    `+${duration(span.start - begin)}`,
    duration(span.durationMs),
    critical ? '*' : '',
    bar(span.start - begin, span.durationMs, end - begin),
    `${indent}${span.name}  (${span.service})${failed}`,
  ];
}

function logRow(log: LogRow, { indent, begin }: Place): readonly string[] {
  const words = attributes(log.attributes);
  const text = `${indent}${log.level.toUpperCase()} ${log.body}${words ? `  ${words}` : ''}`;
  return [`+${duration(log.time - begin)}`, '', '', '', text];
}

function bar(offset: number, took: number, whole: number): string {
  const scale = whole > 0 ? BAR_WIDTH / whole : 0;
  const from = Math.min(BAR_WIDTH - 1, Math.floor(offset * scale));
  const length = Math.max(1, Math.min(BAR_WIDTH - from, Math.round(took * scale)));
  return `${'·'.repeat(from)}${'█'.repeat(length)}${'·'.repeat(BAR_WIDTH - from - length)}`;
}

interface Placed {
  readonly item: SpanRow | LogRow;
  readonly depth: number;
}

const startOf = (item: SpanRow | LogRow): number => ('durationMs' in item ? item.start : item.time);

/** Every span and line once, also where foreign spans name each other as parents; without recursion. */
function inOrder(spans: readonly SpanRow[], logs: readonly LogRow[]): readonly Placed[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const below = new Map<string, (SpanRow | LogRow)[]>();
  const tops: (SpanRow | LogRow)[] = [];
  const place = (item: SpanRow | LogRow, parent: string | undefined) => {
    if (parent === undefined || !known.has(parent)) tops.push(item);
    else below.set(parent, [...(below.get(parent) ?? []), item]);
  };
  for (const span of spans) place(span, span.parentSpanId);
  for (const log of logs) place(log, log.spanId);

  const result: Placed[] = [];
  const opened = new Set<string>();
  const placed = new Set<SpanRow | LogRow>();
  const walk = (roots: readonly (SpanRow | LogRow)[]) => {
    const stack = byTime(roots).map(item => ({ item, depth: 0 }));
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { item, depth } = next;
      if (placed.has(item)) continue;
      placed.add(item);
      result.push(next);
      if (!('durationMs' in item) || opened.has(item.spanId)) continue;
      opened.add(item.spanId);
      stack.push(...byTime(below.get(item.spanId) ?? []).map(child => ({ item: child, depth: depth + 1 })));
    }
  };
  walk(tops);
  for (const span of spans) walk([span]);
  return result;
}

/** Latest first, as a stack wants them. */
const byTime = <T extends SpanRow | LogRow>(items: readonly T[]): readonly T[] =>
  [...items].sort((a, b) => startOf(b) - startOf(a));
