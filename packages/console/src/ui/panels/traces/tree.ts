import type { CriticalStretch, LogRow, SpanRow, TraceAnswer } from '@plimsoll/wire';

export interface SpanNode {
  readonly kind: 'span';
  readonly span: SpanRow;
  readonly depth: number;
  readonly children: number;
  readonly critical: readonly CriticalStretch[];
}

export interface LogNode {
  readonly kind: 'log';
  readonly log: LogRow;
  readonly depth: number;
}

export type Node = SpanNode | LogNode;

export interface Extent {
  readonly from: number;
  readonly to: number;
}

/** From the first start to the last end; a line after the last end counts too. */
export function extentOf({ spans, logs }: TraceAnswer): Extent {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    from = Math.min(from, span.start);
    to = Math.max(to, span.start + span.durationMs);
  }
  if (spans.length === 0)
    for (const log of logs) [from, to] = [Math.min(from, log.time), Math.max(to, log.time)];
  return { from, to: Math.max(to, from + 0.001) };
}

const timeOf = (item: SpanRow | LogRow): number => ('start' in item ? item.start : item.time);

/**
 * The rows of the waterfall in order: a span, then its lines and its children by time. Lines without a span of the
 * trace stand at the top level. A loop of parents shows each of its spans once.
 */
export function nodesOf(
  trace: TraceAnswer,
  { closed, withLogs }: { closed: ReadonlySet<string>; withLogs: boolean },
): readonly Node[] {
  const ids = new Set(trace.spans.map(span => span.spanId));
  const below = new Map<string, (SpanRow | LogRow)[]>();
  const add = (parent: string | undefined, item: SpanRow | LogRow) => {
    const key = parent !== undefined && ids.has(parent) ? parent : '';
    const list = below.get(key);
    if (list) list.push(item);
    else below.set(key, [item]);
  };
  for (const span of trace.spans) add(span.parentSpanId, span);
  if (withLogs) for (const log of trace.logs) add(log.spanId, log);
  for (const list of below.values()) list.sort((a, b) => timeOf(a) - timeOf(b));
  const critical = Map.groupBy(trace.critical, stretch => stretch.spanId);
  const nodes: Node[] = [];
  const seen = new Set<string>();
  const stack = (below.get('') ?? []).map(item => ({ item, depth: 0 })).reverse();
  const unseen = trace.spans.values();
  for (;;) {
    const next = stack.pop() ?? restOf(unseen, seen);
    if (next === undefined) return nodes;
    const { item, depth } = next;
    if (!('start' in item)) {
      nodes.push({ kind: 'log', log: item, depth });
      continue;
    }
    if (seen.has(item.spanId)) continue;
    seen.add(item.spanId);
    const kids = below.get(item.spanId) ?? [];
    const children = kids.length;
    nodes.push({ kind: 'span', span: item, depth, children, critical: critical.get(item.spanId) ?? [] });
    if (closed.has(item.spanId)) hide(kids, below, seen);
    else for (const kid of kids.toReversed()) stack.push({ item: kid, depth: depth + 1 });
  }
}

function restOf(spans: Iterator<SpanRow>, seen: ReadonlySet<string>) {
  for (let next = spans.next(); !next.done; next = spans.next()) {
    if (!seen.has(next.value.spanId)) return { item: next.value, depth: 0 };
  }
  return undefined;
}

/** What is below a closed span counts as shown, so that it does not come as a rest. */
function hide(
  kids: readonly (SpanRow | LogRow)[],
  below: ReadonlyMap<string, (SpanRow | LogRow)[]>,
  seen: Set<string>,
): void {
  const stack = [...kids];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (!('start' in item) || seen.has(item.spanId)) continue;
    seen.add(item.spanId);
    stack.push(...(below.get(item.spanId) ?? []));
  }
}
