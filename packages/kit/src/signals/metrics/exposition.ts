import { setImmediate as pause } from 'node:timers/promises';
import type { Cell, StoredExemplar } from './cell.ts';
import type { Family, FamilyView } from './family.ts';
import { type Definition, familyName } from './names.ts';
import { formatBound, formatNumber, TextBuffer } from './text-buffer.ts';
import type { Exposition } from './types.ts';

export const CONTENT_TYPES: Readonly<Record<Exposition, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The event loop is given back after this much work, and the clock is read once per so many cells. */
const WORK_MS = 2;
const CELLS_PER_LOOK = 32;

/** OpenMetrics names units in words, and only where the family's name ends with the word. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  s: 'seconds',
  By: 'bytes',
  '1': 'ratio',
  Cel: 'celsius',
  V: 'volts',
};

/** Writes every family as text: all of one moment, and the loop is never held for long. */
export async function writeExposition(
  families: Iterable<Family>,
  exposition: Exposition,
  sizeHint: number,
): Promise<Uint8Array> {
  const out = new TextBuffer(sizeHint);
  let started = performance.now();
  const views = Array.from(families, family => family.view());
  for (const view of views) {
    out.text(head(view.definition, exposition));
    for (let i = 0; i < view.cells.length; ) {
      i = writeCells(out, view, { from: i, exposition });
      if (performance.now() - started < WORK_MS) continue;
      await pause();
      started = performance.now();
    }
  }
  if (exposition === 'openmetrics') out.text('# EOF\n');
  return out.bytes();
}

/** OpenMetrics wants the unit between type and help; the older format knows no unit. */
function head(definition: Definition, exposition: Exposition): string {
  const { type, help, unit } = definition;
  if (exposition === 'prometheus') {
    const name = definition.name;
    return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  }
  const name = familyName(type, definition.name);
  const word = unit === undefined ? undefined : UNIT_WORDS[unit];
  const unitLine = word !== undefined && name.endsWith(`_${word}`) ? `# UNIT ${name} ${word}\n` : '';
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${escapeHelp(help).replaceAll('"', '\\"')}\n`;
}

interface Span {
  readonly from: number;
  readonly exposition: Exposition;
}

function writeCells(out: TextBuffer, view: FamilyView, { from, exposition }: Span): number {
  const to = Math.min(from + CELLS_PER_LOOK, view.cells.length);
  const histogram = view.definition.type === 'histogram';
  for (let slot = from; slot < to; slot++) {
    const cell = view.cells[slot];
    if (cell === undefined) continue;
    const prefixes = prefixesOf(cell, view.definition, exposition);
    const at = slot * view.width;
    const exemplars = exposition === 'openmetrics' ? cell.exemplars : undefined;
    if (histogram) writeHistogram(out, { prefixes, values: view.values, at, exemplars });
    else {
      for (let i = 0; i < prefixes.length; i++) out.sample(prefixes[i]!, view.values[at + i]!);
      if (exemplars !== undefined) writeExemplar(out, exemplars[0]);
    }
  }
  return to;
}

interface Row {
  readonly prefixes: readonly Uint8Array[];
  readonly values: Float64Array;
  readonly at: number;
  readonly exemplars: readonly (StoredExemplar | undefined)[] | undefined;
}

function writeHistogram(out: TextBuffer, { prefixes, values, at, exemplars }: Row): void {
  const buckets = prefixes.length - 2;
  let count = 0;
  for (let i = 0; i < buckets; i++) {
    count += values[at + i]!;
    out.sample(prefixes[i]!, count);
    if (exemplars !== undefined && values[at + i]! > 0) writeExemplar(out, exemplars[i]);
  }
  out.sample(prefixes[buckets]!, values[at + buckets]!);
  out.sample(prefixes[buckets + 1]!, count);
}

const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/** Ids come from outside this module and are written without escaping, so that only real ones may pass. */
function writeExemplar(out: TextBuffer, exemplar: StoredExemplar | undefined): void {
  if (exemplar === undefined || !TRACE_ID.test(exemplar.traceId) || !SPAN_ID.test(exemplar.spanId)) return;
  const { traceId, spanId, value, time } = exemplar;
  out.unendLine();
  const ids = `{trace_id="${traceId}",span_id="${spanId}"}`;
  out.text(` # ${ids} ${formatNumber(value)} ${(time / 1000).toFixed(3)}\n`);
}

function prefixesOf(cell: Cell, definition: Definition, exposition: Exposition): readonly Uint8Array[] {
  // Only a histogram's bounds are spelled differently in the two formats.
  const format = definition.type === 'histogram' ? exposition : 'prometheus';
  const known = cell[format];
  if (known !== undefined) return known;
  const made = render(cell, definition, format);
  cell[format] = made;
  return made;
}

function render(
  cell: Cell,
  { name, type, labels, bounds }: Definition,
  exposition: Exposition,
): Uint8Array[] {
  const pairs = labels.map((label, i) => `${label}="${escapeLabel(cell.labels[i]!)}"`).join(',');
  const plain = pairs === '' ? '' : `{${pairs}}`;
  const counted = pairs === '' ? '' : `${pairs},`;
  switch (type) {
    case 'histogram': {
      const lines = [...bounds, Infinity].map(
        bound => `${name}_bucket{${counted}le="${formatBound(bound, exposition)}"} `,
      );
      return [...lines, `${name}_sum${plain} `, `${name}_count${plain} `].map(line => Buffer.from(line));
    }
    case 'summary':
      return [`${name}_sum${plain} `, `${name}_count${plain} `].map(line => Buffer.from(line));
    default:
      return [Buffer.from(`${name}${plain} `)];
  }
}

function escapeLabel(text: string): string {
  return /[\\"\n]/.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
