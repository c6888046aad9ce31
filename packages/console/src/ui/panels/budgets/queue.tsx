import type { BudgetJob, BudgetSnapshot } from '@plimsoll/wire';
import { age, duration, number } from '../../lib/format.ts';
import { Table } from '../../parts/table.tsx';

const ACTIVE = new Set(['queued', 'delayed', 'running']);
const SHOWN = 200;

/** Who waits and why, who runs, and what was turned away. */
export function Queue({ state }: { state: BudgetSnapshot }) {
  const { jobs, queued_ids, delayed_ids, running_ids, shed } = state;
  const active = jobs.filter(({ status }) => ACTIVE.has(status));
  const ended = jobs.filter(({ status }) => !ACTIVE.has(status)).reverse();
  const rows = [...active, ...ended].slice(0, SHOWN);
  return (
    <section class="card">
      <h2>Jobs and requests</h2>
      <dl class="figures">
        <Figure name="Queued" value={number(queued_ids.length)} />
        <Figure name="Delayed" value={number(delayed_ids.length)} />
        <Figure name="Running" value={number(running_ids.length)} />
        <Figure
          name="Guarded requests"
          value={shed.limit === null ? 'no guard' : `${number(shed.in_flight)} of ${number(shed.limit)}`}
        />
        <Figure name="Turned away" value={number(shed.total)} />
      </dl>
      {shed.reasons.length > 0 && (
        <p class="meta">
          Last turned away: {shed.reasons.join(', ')}; place {shed.position}, again after{' '}
          {duration(shed.retry_after_ms ?? 0)}.
        </p>
      )}
      <Table
        label="Jobs"
        rows={rows}
        keyOf={({ id }) => id}
        empty="No jobs yet. A job comes here by obs.budgets.run, or by the API."
        columns={[
          { title: 'Job', cell: ({ id }) => <code class="nowrap">{id}</code> },
          { title: 'Type', cell: ({ type }) => type },
          { title: 'State', cell: ({ status }) => <State status={status} /> },
          { title: 'Reason', wide: true, cell: ({ reason }) => reason ?? '' },
          { title: 'Asks for', cell: job => <span class="nowrap">{asksFor(job)}</span> },
          { title: 'Since', num: true, cell: ({ last_transition: at }) => age(Date.now() - at * 1000) },
        ]}
      />
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function State({ status }: { status: string }) {
  return (
    <span class={`tag job-${ACTIVE.has(status) || status === 'error' ? status : 'ended'}`}>{status}</span>
  );
}

function asksFor({ requirements: { cpu_percent, ram_mb, vram_mb } }: BudgetJob): string {
  return [
    cpu_percent > 0 && `${number(cpu_percent)} % CPU`,
    ram_mb > 0 && `${number(ram_mb)} MB`,
    vram_mb > 0 && `${number(vram_mb)} MB GPU`,
  ]
    .filter(Boolean)
    .join(', ');
}
