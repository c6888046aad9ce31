/** The text of `/metrics` at three sizes, in both formats, with the longest block of the event loop. */
import { once, SERVER_CORE, script } from './lib/processes.ts';
import { median } from './lib/stats.ts';

export interface Scrape {
  /** The first one, which renders what later ones reuse. */
  first: number;
  /** ms, of later ones. */
  ms: number;
  spread: [number, number];
  /** The longest time for which the event loop did not turn, ms: the median of scrapes, and the worst. */
  block: number;
  worst: number;
  bytes: number;
  /** Lines that are no comment. */
  series: number;
}
export interface ScrapeRow extends Scrape {
  library: 'plimsoll' | 'prom-client' | 'opentelemetry';
  format: 'prometheus' | 'openmetrics';
  size: number;
}

const SIZES = [1000, 10_000, 100_000];
const SUBJECTS = [
  ['plimsoll', 'prometheus'],
  ['plimsoll', 'openmetrics'],
  ['prom-client', 'prometheus'],
  ['prom-client', 'openmetrics'],
  ['opentelemetry', 'prometheus'],
] as const;

export async function scrape({
  quick,
  say,
}: {
  quick: boolean;
  say(line: string): void;
}): Promise<ScrapeRow[]> {
  const rows: ScrapeRow[] = [];
  for (const size of quick ? SIZES.slice(1) : SIZES) {
    say(`scrape: ${size} series`);
    const subjects = SUBJECTS.filter(([library], i) => !quick || library === 'plimsoll' || i === 2);
    const found = subjects.map((): Scrape[] => []);
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      for (const [i, [library, format]] of subjects.entries()) {
        // It is an order of magnitude away and takes minutes: one process says enough.
        if (library === 'opentelemetry' && round > 0) continue;
        const args = [script('scrape/measure.ts'), library, format, String(size)];
        found[i]?.push(await once<Scrape>(SERVER_CORE, args));
      }
    }
    for (const [i, [library, format]] of subjects.entries()) {
      rows.push({ library, format, size, ...middle(found[i] as Scrape[]) });
    }
  }
  return rows;
}

/** The median of processes for each figure. */
function middle(all: readonly Scrape[]): Scrape {
  const of = (key: 'first' | 'ms' | 'block' | 'worst' | 'bytes' | 'series') =>
    median(all.map(one => one[key]));
  return {
    ...{ first: of('first'), ms: of('ms'), block: of('block'), worst: of('worst') },
    ...{ bytes: of('bytes'), series: of('series') },
    spread: [Math.min(...all.map(one => one.spread[0])), Math.max(...all.map(one => one.spread[1]))],
  };
}
