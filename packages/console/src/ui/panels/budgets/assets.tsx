import type { BudgetSnapshot } from '@plimsoll/wire';
import { age, number } from '../../lib/format.ts';
import { Table } from '../../parts/table.tsx';

/** What can be unloaded, the next one first. */
export function Assets({ state: { assets } }: { state: BudgetSnapshot }) {
  if (assets.length === 0) return null;
  return (
    <section class="card">
      <h2>Lazy assets</h2>
      <Table
        label="Lazy assets, least recently used first"
        rows={assets.slice(0, 200)}
        keyOf={({ asset_id }) => asset_id}
        columns={[
          { title: 'Asset', wide: true, cell: ({ asset_id }) => <code>{asset_id}</code> },
          { title: 'Size', num: true, cell: ({ size_mb }) => `${number(size_mb)} MB` },
          { title: 'State', cell: ({ loaded }) => <span class="tag">{loaded ? 'loaded' : 'unloaded'}</span> },
          { title: 'Last used', num: true, cell: ({ last_used: at }) => age(Date.now() - at * 1000) },
        ]}
      />
    </section>
  );
}
