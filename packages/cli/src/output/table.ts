/** Left-aligned columns under their heads; the last one is as long as it is. Cells are made safe for a terminal. */
export function table(rows: readonly (readonly string[])[]): string {
  const safe = rows.map(row => row.map(printable));
  const widths = (safe[0] ?? []).map((_, column) => Math.max(...safe.map(row => row[column]!.length)));
  return safe
    .map(row =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * What a stranger sent, for a terminal: control characters and those that turn the direction of text
 * are shown as escapes, so that a log line can't clear the screen or pose as another.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, char => {
    if (char === '\n') return '\\n';
    if (char === '\t') return ' ';
    return `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`;
  });
}
