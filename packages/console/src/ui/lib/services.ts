import type { ServiceAnswer } from '@plimsoll/wire';
import { signal } from '@preact/signals';
import { param } from './address.ts';
import { seriesColor } from './theme.ts';

/** Kept by the shell. */
export const services = signal<readonly ServiceAnswer[]>([]);

/** The one that is looked at; empty for all. */
export const service = (): string => param('service');

/** A service has one colour everywhere. */
export function serviceIndex(name: string): number {
  const names = services.value.map(row => row.service).sort();
  return Math.max(0, names.indexOf(name));
}

export const serviceColor = (name: string): string => seriesColor(serviceIndex(name));
