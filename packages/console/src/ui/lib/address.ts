import { computed, signal } from '@preact/signals';

/** The address is the state of every view: what is not in it is not kept. */
const current = signal(new URL(location.href));
addEventListener('popstate', () => {
  current.value = new URL(location.href);
});

export const path = computed(() => current.value.pathname);
export const params = computed(() => current.value.searchParams);

export const param = (name: string): string => params.value.get(name) ?? '';

export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

export function go(href: string, { replace = false }: { replace?: boolean } = {}): void {
  const next = new URL(href, location.href);
  if (next.href === current.value.href) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', next);
  current.value = next;
}

/** Changes parameters of this view; an empty one leaves the address. */
export function setParams(changes: Changes, { push = false }: { push?: boolean } = {}): void {
  const next = new URL(current.value);
  apply(next.searchParams, changes);
  go(next.href, { replace: !push });
}

/** What goes along from view to view. */
const CARRIED = ['range', 'from', 'to', 'service'];

/** An address of another view, with this view's range and service unless `changes` says otherwise. */
export function hrefOf(to: string, changes: Changes = {}): string {
  const next = new URLSearchParams();
  for (const name of CARRIED) {
    const value = params.value.get(name);
    if (value) next.set(name, value);
  }
  apply(next, changes);
  const text = next.toString();
  return text ? `${to}?${text}` : to;
}

function apply(target: URLSearchParams, changes: Changes): void {
  for (const [name, value] of Object.entries(changes)) {
    target.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) if (one) target.append(name, one);
  }
}

/** Links within the console move without a load; those with a modifier stay the browser's. */
export function followLinks(): void {
  document.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (link === null || !plain || event.defaultPrevented || link.origin !== location.origin) return;
    if (link.target || link.hasAttribute('download') || link.pathname.startsWith('/api/')) return;
    event.preventDefault();
    go(link.href);
    if (link.pathname !== path.peek()) return;
    if (!link.closest('[data-keep-scroll]')) document.querySelector('main')?.scrollTo(0, 0);
  });
}
