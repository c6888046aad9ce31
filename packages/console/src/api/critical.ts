import type { CriticalStretch } from '@plimsoll/wire';
import type { SpanRow } from '../store/types.ts';

const end = (span: SpanRow): number => span.start + span.durationMs;

/**
 * What the end of the trace waited for: from the root's end backwards, always the child that ended last before the
 * point reached; what no child covers is the parent's own. A child that outlives its parent counts to the parent's
 * end. Walks a list, not the stack: a trace may be 10,000 spans deep.
 */
export function criticalPath(spans: readonly SpanRow[]): readonly CriticalStretch[] {
  const root = rootOf(spans);
  if (root === undefined) return [];
  const children = childrenOf(spans);
  const found: CriticalStretch[] = [];
  const seen = new Set<string>([root.spanId]);
  /** Each frame owns the time from its span's start to `at`, and looks at its children from the last end on. */
  const frames = [
    { span: root, at: end(root), kids: children.get(root.spanId) ?? [], next: 0, top: end(root) },
  ];
  while (frames.length > 0) {
    const frame = frames.at(-1)!;
    const child = frame.kids[frame.next];
    if (child === undefined) {
      push(found, { spanId: frame.span.spanId, from: frame.span.start, to: frame.at });
      frames.pop();
      const parent = frames.at(-1);
      if (parent) parent.at = Math.min(parent.at, frame.span.start);
      continue;
    }
    frame.next += 1;
    const stop = Math.min(end(child), frame.at);
    // A child that begins after the point reached ran beside what the end waited for.
    if (seen.has(child.spanId) || child.start >= frame.at || stop <= frame.span.start) continue;
    if (end(child) > frame.at && frame.at !== frame.top) continue;
    seen.add(child.spanId);
    push(found, { spanId: frame.span.spanId, from: stop, to: frame.at });
    frame.at = stop;
    frames.push({ span: child, at: stop, kids: children.get(child.spanId) ?? [], next: 0, top: stop });
  }
  return found.reverse();
}

function push(found: CriticalStretch[], stretch: CriticalStretch): void {
  if (stretch.to > stretch.from) found.push(stretch);
}

/** The longest span without a parent in the trace: fragments of a trace have several. */
function rootOf(spans: readonly SpanRow[]): SpanRow | undefined {
  const ids = new Set(spans.map(span => span.spanId));
  let root: SpanRow | undefined;
  for (const span of spans) {
    if (span.parentSpanId !== undefined && ids.has(span.parentSpanId)) continue;
    if (root === undefined || span.durationMs > root.durationMs) root = span;
  }
  return root;
}

/** By parent, the one that ended last first. */
function childrenOf(spans: readonly SpanRow[]): ReadonlyMap<string, SpanRow[]> {
  const children = new Map<string, SpanRow[]>();
  for (const span of spans) {
    if (span.parentSpanId === undefined) continue;
    const list = children.get(span.parentSpanId);
    if (list) list.push(span);
    else children.set(span.parentSpanId, [span]);
  }
  for (const list of children.values()) list.sort((a, b) => end(b) - end(a));
  return children;
}
