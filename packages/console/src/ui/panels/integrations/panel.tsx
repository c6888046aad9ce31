import { useState } from 'preact/hooks';
import { date, timeOfDay } from '../../lib/format.ts';
import { toApiError } from '../../lib/ops.ts';
import { JsonView } from '../../parts/json-view.tsx';
import { Offering, ServicePicker } from '../../parts/service-picker.tsx';
import { Waiting } from '../../parts/state.tsx';
import { Switch } from '../../parts/switch.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { Panel } from '../panel.ts';
import './integrations.css';
import { levelOf, POLL_MS, type Row, usageOf, useProviders, WORDS } from './poll.ts';

const REQUIRES = '/api/providers';
const ERROR_TEXT = 200;

function View() {
  return (
    <Offering requires={REQUIRES}>
      {offer => (
        <div class="integrations">
          <div class="title-row">
            <h1>Debug integrations</h1>
            <ServicePicker offer={offer} />
          </div>
          <Integrations key={offer.service} service={offer.service} prefix={offer.prefix} />
        </div>
      )}
    </Offering>
  );
}

function Integrations({ service, prefix }: { service: string; prefix: string }) {
  const [auto, setAuto] = useState(true);
  const [open, setOpen] = useState<string>();
  const polled = useProviders(service, prefix, auto);
  const { rows = [], problem, at, busy } = polled;
  const shown = rows.find(row => row.provider.id === open);
  const columns: readonly Column<Row>[] = [
    { title: 'Provider', cell: row => <Name row={row} open={open} setOpen={setOpen} /> },
    { title: 'Name', cell: ({ provider }) => provider.name },
    { title: 'Status', cell: row => <Status row={row} /> },
    { title: 'Usage or rate', cell: row => usageOf(row) },
    { title: 'Last error', wide: true, cell: row => <LastError row={row} /> },
    {
      title: 'Checked',
      cell: ({ health }) => (health?.checked_at ? timeOfDay(Date.parse(health.checked_at)) : '–'),
    },
  ];
  const answer = {
    loading: polled.rows === undefined && problem === undefined,
    ...(polled.rows && { data: polled.rows }),
    ...(problem && polled.rows === undefined && { error: toApiError(problem) }),
  };
  return (
    <section class="card">
      <div class="integrations-bar">
        <Switch label={`Refresh every ${POLL_MS / 1000} s`} on={auto} onChange={setAuto} />
        <button type="button" disabled={busy} onClick={polled.refresh}>
          Refresh
        </button>
        <p class="meta" role="status">
          {at === undefined ? 'Asking…' : `${rows.length} providers at ${timeOfDay(at)}`}
          {problem && at !== undefined && ` · ${problem.hint || problem.code}`}
        </p>
      </div>
      <Waiting answer={answer}>
        <Table
          label="Providers"
          rows={rows}
          columns={columns}
          keyOf={row => row.provider.id}
          empty="No provider is configured."
        />
      </Waiting>
      {shown && <Detail row={shown} />}
    </section>
  );
}

interface NameProps {
  readonly row: Row;
  readonly open: string | undefined;
  readonly setOpen: (id: string | undefined) => void;
}

function Name({ row, open, setOpen }: NameProps) {
  const { id } = row.provider;
  return (
    <button
      type="button"
      class="provider-id"
      aria-expanded={open === id}
      onClick={() => setOpen(open === id ? undefined : id)}
    >
      {id}
    </button>
  );
}

function Status({ row }: { row: Row }) {
  const level = levelOf(row);
  return (
    <span class="provider-status" data-level={level}>
      {WORDS[level]}
    </span>
  );
}

function LastError({ row: { health } }: { row: Row }) {
  const error = health?.error ?? health?.last_error;
  if (!error) return <>–</>;
  return (
    <>
      {error.slice(0, ERROR_TEXT)}
      {health?.last_error_at && <span class="meta"> {date(Date.parse(health.last_error_at))}</span>}
    </>
  );
}

function Detail({ row: { provider, health, quota } }: { row: Row }) {
  const { config, meta, base_url, kind, service, priority, active } = provider;
  return (
    <div class="provider-detail">
      <h2>{provider.name}</h2>
      <div class="provider-parts">
        <Part title="Config, masked" value={{ kind, service, base_url, priority, active, ...config }} />
        <Part title="Rate limits" value={health?.rate_limits ?? quota?.rate_limits ?? []} />
        <Part title="Quota" value={quota?.quota ?? quota?.results ?? { code: quota?.code ?? 'none' }} />
        <Part title="Meta" value={meta} />
      </div>
    </div>
  );
}

function Part({ title, value }: { title: string; value: unknown }) {
  return (
    <section>
      <h3>{title}</h3>
      <JsonView value={value} label={title} />
    </section>
  );
}

export const panel: Panel = {
  title: 'Debug integrations',
  path: '/integrations',
  order: 70,
  key: 'i',
  icon: 'M7 7h4v4H7z M13 13h4v4h-4z M9 11v4h4 M11 9h4v4',
  requires: REQUIRES,
  View,
};
