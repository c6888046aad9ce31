import type { Exposition } from './types.ts';

/**
 * The text format that a scraper's `Accept` header asks for. OpenMetrics only where it is asked for by name
 * and no less than plain text; everything else, and no header at all, is the older format.
 */
export function negotiate(accept: string | undefined): Exposition {
  if (accept === undefined) return 'prometheus';
  let open = 0;
  let plain = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim());
    const weight = quality(parameters);
    if (type === 'application/openmetrics-text' && speaks(parameters)) open = Math.max(open, weight);
    else if (type === 'text/plain' || type === 'text/*') plain = Math.max(plain, weight);
  }
  return open > 0 && open >= plain ? 'openmetrics' : 'prometheus';
}

function speaks(parameters: readonly string[]): boolean {
  const version = parameters.find(parameter => parameter.startsWith('version='));
  return version === undefined || /^version="?1\.\d+\.\d+"?$/.test(version);
}

function quality(parameters: readonly string[]): number {
  const given = parameters.find(parameter => parameter.startsWith('q='));
  if (given === undefined) return 1;
  const weight = Number(given.slice(2));
  return weight >= 0 && weight <= 1 ? weight : 0;
}
