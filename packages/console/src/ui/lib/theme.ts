import { effect, signal } from '@preact/signals';

type Theme = 'dark' | 'light';
const KEY = 'plimsoll.theme';
const system = matchMedia('(prefers-color-scheme: light)');
const chosen = signal<Theme | undefined>(stored());

/** Changes with the theme; what draws on a canvas reads its colours again. */
export const theme = signal<Theme>(chosen.value ?? fromSystem());

function stored(): Theme | undefined {
  const value = localStorage.getItem(KEY);
  return value === 'dark' || value === 'light' ? value : undefined;
}

function fromSystem(): Theme {
  return system.matches ? 'light' : 'dark';
}

export function startTheme(): void {
  system.addEventListener('change', () => {
    theme.value = chosen.value ?? fromSystem();
  });
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
  });
}

export function toggleTheme(): void {
  chosen.value = theme.value === 'dark' ? 'light' : 'dark';
  theme.value = chosen.value;
  localStorage.setItem(KEY, chosen.value);
}

export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const SERIES = 8;
/** The nth colour of a chart; after the eighth they come again. */
export const seriesColor = (index: number): string => `var(--series-${(index % SERIES) + 1})`;
export const seriesHex = (index: number): string => color(`series-${(index % SERIES) + 1}`);
