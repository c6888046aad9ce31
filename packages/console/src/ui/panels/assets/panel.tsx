import type { AssetAnswer, AssetsAnswer } from '@plimsoll/wire/ops';
import { useState } from 'preact/hooks';
import { param, setParams } from '../../lib/address.ts';
import { bytes, date, number } from '../../lib/format.ts';
import { ops, toApiError } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { Field } from '../../parts/field.tsx';
import { FilterBox } from '../../parts/filter-box.tsx';
import { Offering, ServicePicker } from '../../parts/service-picker.tsx';
import { Waiting } from '../../parts/state.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { toastProblem } from '../../parts/toast.tsx';
import type { Panel } from '../panel.ts';
import './assets.css';
import { Audit } from './audit.tsx';
import { Sidecar } from './sidecar.tsx';

const REQUIRES = '/api/assets';
const FILTERS = ['type', 'tags', 'licenses', 'hash', 'q'] as const;
const LISTED = 200;

function View() {
  return (
    <Offering requires={REQUIRES}>
      {offer => (
        <div class="assets">
          <div class="title-row">
            <h1>Assets</h1>
            <ServicePicker offer={offer} />
          </div>
          <Filters />
          <Found key={offer.service} service={offer.service} prefix={offer.prefix} />
          <Audit key={`audit ${offer.service}`} service={offer.service} prefix={offer.prefix} />
        </div>
      )}
    </Offering>
  );
}

function Filters() {
  const set = FILTERS.filter(name => param(name)).length;
  const clear = () => setParams(Object.fromEntries(FILTERS.map(name => [name, undefined])));
  return (
    <FilterBox set={set}>
      <Field label="Text" name="q" placeholder="In a path or a text of the metadata" first wide />
      <Field label="Type" name="type" />
      <Field label="Tags" name="tags" placeholder="all of them, with commas" />
      <Field label="Licences" name="licenses" placeholder="one of them, with commas" />
      <Field label="Hash" name="hash" />
      {set > 0 && (
        <button type="button" class="quiet" onClick={clear}>
          Clear
        </button>
      )}
    </FilterBox>
  );
}

function Found({ service, prefix }: { service: string; prefix: string }) {
  const [open, setOpen] = useState<string>();
  const query = new URLSearchParams({ limit: String(LISTED) });
  for (const name of FILTERS) if (param(name)) query.set(name, param(name));
  const { data, problem, loading } = useOps<AssetsAnswer>(service, `${prefix}?${query}`);
  const save = async ({ uid, path }: AssetAnswer) => {
    const name = path.split('/').at(-1) ?? uid;
    const result = await ops(service).download(`${prefix}/${uid}/download`, name);
    if (!result.ok) toastProblem(result.problem);
  };
  const columns: readonly Column<AssetAnswer>[] = [
    { title: 'Path', wide: true, cell: asset => <code>{asset.path}</code> },
    { title: 'Type', cell: asset => asset.type },
    { title: 'Tags', cell: asset => asset.tags.join(', ') || '–' },
    { title: 'Licence', cell: asset => asset.license ?? '–' },
    { title: 'Size', num: true, cell: asset => bytes(asset.bytes) },
    { title: 'Since', cell: asset => date(Date.parse(asset.created_at)) },
    {
      title: 'Uid',
      cell: ({ uid }) => (
        <button
          type="button"
          class="asset-uid"
          aria-label={`Sidecar of ${uid}`}
          aria-expanded={open === uid}
          onClick={() => setOpen(open === uid ? undefined : uid)}
        >
          {uid}
        </button>
      ),
    },
    {
      title: '',
      cell: asset => (
        <button type="button" aria-label={`Download ${asset.path}`} onClick={() => void save(asset)}>
          Download
        </button>
      ),
    },
  ];
  const answer = { loading, ...(data && { data }), ...(problem && { error: toApiError(problem) }) };
  return (
    <section class="card">
      <Waiting answer={answer}>
        <p class="meta" role="status">
          {number(data?.total ?? 0)} {data?.total === 1 ? 'asset' : 'assets'}
          {(data?.total ?? 0) > LISTED && `, the newest ${LISTED} of them here`}
        </p>
        <Table
          label="Assets"
          rows={data?.items ?? []}
          columns={columns}
          keyOf={asset => asset.uid}
          empty="No asset passes this filter."
        />
      </Waiting>
      {open && <Sidecar key={open} service={service} prefix={prefix} uid={open} />}
    </section>
  );
}

export const panel: Panel = {
  title: 'Assets',
  path: '/assets',
  order: 75,
  key: 'a',
  icon: 'M4 7l8-4 8 4v10l-8 4-8-4z M4 7l8 4 8-4 M12 11v10',
  requires: REQUIRES,
  View,
};
