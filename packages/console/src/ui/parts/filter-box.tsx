import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

const WIDE = matchMedia('(min-width: 761px)');

/** Filters, folded away on a phone until they are asked for or one is set. */
export function FilterBox({ set, children }: { set: number; children: ComponentChildren }) {
  const [open, setOpen] = useState(WIDE.matches || set > 0);
  return (
    <details class="filter-box" open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Filters{set > 0 && ` (${set})`}</summary>
      <search class="filters">{children}</search>
    </details>
  );
}
