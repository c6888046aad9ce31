import type { SpanRow } from '@plimsoll/wire';

interface Total {
  count: number;
  ms: number;
}

export interface Difference {
  readonly service: string;
  readonly name: string;
  readonly a: Readonly<Total>;
  readonly b: Readonly<Total>;
}

/** What the spans of one name and service took in each trace, the greatest change first. */
export function differences(a: readonly SpanRow[], b: readonly SpanRow[]): readonly Difference[] {
  const rows = new Map<string, { service: string; name: string; a: Total; b: Total }>();
  const add = (span: SpanRow, side: 'a' | 'b') => {
    const key = `${span.service}\n${span.name}`;
    const row = rows.get(key) ?? { service: span.service, name: span.name, a: none(), b: none() };
    row[side].count += 1;
    row[side].ms += span.durationMs;
    rows.set(key, row);
  };
  for (const span of a) add(span, 'a');
  for (const span of b) add(span, 'b');
  return [...rows.values()].sort((x, y) => Math.abs(y.b.ms - y.a.ms) - Math.abs(x.b.ms - x.a.ms));
}

const none = (): Total => ({ count: 0, ms: 0 });
