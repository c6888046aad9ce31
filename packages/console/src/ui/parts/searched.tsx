import { date } from '../lib/format.ts';

/** Says that a search stopped for time, and where; the pager below goes on. */
export function Searched({ to, none }: { to: number | undefined; none: boolean }) {
  if (to === undefined) return null;
  return (
    <p class="notice" role="status">
      {none ? 'Nothing yet' : 'There may be more'}: this search came back to {date(to)} so far.
    </p>
  );
}
