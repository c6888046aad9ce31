import type { TelemetryLedgerAnswer, TelemetryReceipt } from '@plimsoll/wire/ops';
import { bytes } from '../../lib/format.ts';
import { useOps } from '../../lib/use-ops.ts';
import { Waiting } from '../../parts/state.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { At } from './panel.tsx';

const COLUMNS: readonly Column<TelemetryReceipt>[] = [
  { title: 'Sent', cell: ({ last_sent_at }) => <time>{last_sent_at.slice(0, 19).replace('T', ' ')}</time> },
  { title: 'Outcome', cell: ({ outcome, status }) => `${outcome}${status ? ` (${status})` : ''}` },
  { title: 'To', wide: true, cell: ({ endpoint }) => <code>{endpoint}</code> },
  { title: 'Records', num: true, cell: ({ records }) => records },
  { title: 'Size', num: true, cell: ({ size }) => bytes(size) },
  { title: 'Tries', num: true, cell: ({ attempts }) => attempts },
  { title: 'SHA-256', cell: ({ sha256 }) => <code title={sha256}>{sha256.slice(0, 12)}…</code> },
];

/** All that ever left, and when. */
export function Ledger({ service, prefix }: At) {
  const ledger = useOps<TelemetryLedgerAnswer>(service, `${prefix}/ledger`, { everyMs: 5000 });
  const { entries = [], total = 0 } = ledger.data ?? {};
  return (
    <section class="card">
      <h2>What has left</h2>
      <Waiting answer={ledger}>
        <Table
          label="Ledger of what has left"
          rows={entries}
          columns={COLUMNS}
          keyOf={({ batch }) => batch}
          empty="Nothing has ever left this machine."
        />
        {total > entries.length && (
          <p class="meta">
            The last {entries.length} of {total}. Times are UTC.
          </p>
        )}
      </Waiting>
    </section>
  );
}
