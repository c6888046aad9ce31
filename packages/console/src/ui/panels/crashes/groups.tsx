import type { CrashesAnswer } from '@plimsoll/wire/ops';
import { hrefOf } from '../../lib/address.ts';
import { age, date, number } from '../../lib/format.ts';
import { useOps } from '../../lib/use-ops.ts';
import { Waiting } from '../../parts/state.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { type Group, groupsOf, sourceOf } from './group.ts';

const REFRESH_MS = 5000;

const COLUMNS: readonly Column<Group>[] = [
  {
    title: 'Crash',
    wide: true,
    cell: ({ newest }) => (
      <a data-row class="crash-name" href={hrefOf(`/crashes/${newest.id}`)}>
        <strong>{newest.exc_type}</strong> {newest.message}
      </a>
    ),
  },
  { title: 'Times', num: true, cell: ({ count }) => number(count) },
  { title: 'Last', num: true, cell: ({ last }) => <Time at={last} /> },
  { title: 'First', num: true, cell: ({ first }) => <Time at={first} /> },
  { title: 'Where', cell: ({ newest }) => (newest.route ? <code>{newest.route}</code> : '') },
  { title: 'How it came to light', cell: ({ newest }) => sourceOf(newest) },
];

function Time({ at }: { at: number }) {
  const ago = age(Date.now() - at);
  return <span title={date(at)}>{ago === 'now' ? ago : `${ago} ago`}</span>;
}

/** The dumps of a service, those of one crash together. */
export function Groups({ service }: { service: string }) {
  const answer = useOps<CrashesAnswer>(service, '/api/crashes?limit=500', { everyMs: REFRESH_MS });
  return (
    <section class="card">
      <Waiting answer={answer}>
        <Table
          label="Crashes, by what they have in common"
          rows={groupsOf(answer.data?.crashes ?? [])}
          columns={COLUMNS}
          keyOf={group => group.newest.fingerprint}
          empty="No crash. May it stay so."
        />
      </Waiting>
    </section>
  );
}
