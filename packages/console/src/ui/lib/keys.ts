import { useEffect, useRef } from 'preact/hooks';

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const typing = (event: KeyboardEvent): boolean =>
  event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);

/** Single keys, and `g x` for two in a row within a second and a half. Nothing while somebody types, but `Escape`. */
export function useKeys(keys: Keys): void {
  // Live data draws the page again at any time: what was pressed, and what keys do by now, outlives that.
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    let first: string | undefined;
    let at = 0;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (typing(event)) {
        if (event.key === 'Escape') (event.target as HTMLElement).blur();
        return;
      }
      const both = first !== undefined && event.timeStamp - at < 1500 ? `${first} ${event.key}` : event.key;
      first = event.key === 'g' && both === 'g' ? 'g' : undefined;
      at = event.timeStamp;
      const run = current.current[both];
      if (run === undefined) return;
      event.preventDefault();
      run(event);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** Moves the focus among the rows of the view. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.findIndex(row => row === document.activeElement || row.contains(document.activeElement));
  const next = rows[at === -1 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
