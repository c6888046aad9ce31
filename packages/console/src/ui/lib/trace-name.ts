import type { TraceSummary } from '@plimsoll/wire';

/** Its root's name, and the route where the name does not say it: a client's span is only `GET`. */
export function traceName({ name, route }: Pick<TraceSummary, 'name' | 'route'>): string {
  if (route === undefined || name.includes(route)) return name || '(no name)';
  return `${name} ${route}`;
}
