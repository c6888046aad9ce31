import type { ComponentChildren } from 'preact';
import { Scroll } from './scroll.tsx';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Right-aligned, in figures of one width. */
  readonly num?: boolean;
  /** Takes the room that the others leave. */
  readonly wide?: boolean;
}

export interface TableProps<T> {
  /** Read out, and the name of the region that scrolls. */
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string;
  /** What stands there without a row. */
  readonly empty?: ComponentChildren;
}

export function Table<T>({ label, rows, columns, keyOf, empty }: TableProps<T>) {
  if (rows.length === 0 && empty) return <div class="notice">{empty}</div>;
  return (
    <Scroll label={label}>
      <table class="rows">
        <thead>
          <tr>
            {columns.map(({ title, num, wide }) => (
              <th key={title} scope="col" class={classOf(num, wide)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, cell, num, wide }) => (
                <td key={title} class={classOf(num, wide)}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const classOf = (num = false, wide = false): string | undefined =>
  [num && 'num', wide && 'wide-cell'].filter(Boolean).join(' ') || undefined;
