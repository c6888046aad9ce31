import type { Page, RequestRow, TraceSummary } from '@plimsoll/wire';
import { useState } from 'preact/hooks';
import { go, hrefOf, param, setParams } from '../../lib/address.ts';
import { useAnswer } from '../../lib/answer.ts';
import { search } from '../../lib/api.ts';
import { service } from '../../lib/services.ts';
import { range, rangeKey } from '../../lib/time.ts';
import { Choice, Field } from '../../parts/field.tsx';
import { FilterBox } from '../../parts/filter-box.tsx';
import { Searched } from '../../parts/searched.tsx';
import { Waiting } from '../../parts/state.tsx';
import { Scatter } from './scatter.tsx';
import { TraceTable } from './table.tsx';

const PAGE = 100;
const FILTERS = ['route', 'name', 'status', 'minMs', 'maxMs', 'attribute', 'order'] as const;

export function Search() {
  const { from, to } = range.value;
  const filters = Object.fromEntries(FILTERS.map(name => [name, param(name)]));
  const cursor = param('cursor');
  const query = { ...filters, service: service() };
  const path = `/traces${search({ ...query, from, to, limit: PAGE, cursor })}`;
  const answer = useAnswer<Page<TraceSummary>>(path, `${search(query)} ${rangeKey.value} ${cursor}`);
  const rows = answer.data?.items ?? [];
  const searchedTo = answer.data?.searchedTo;
  return (
    <div class="traces">
      <div class="title-row">
        <h1>Traces</h1>
        <a class="button" href={hrefOf('/traces/ranges')}>
          Compare time ranges
        </a>
      </div>
      <Filters />
      <Waiting
        answer={answer}
        empty={
          rows.length === 0 &&
          searchedTo === undefined && <NoTrace filtered={FILTERS.some(name => param(name))} />
        }
      >
        <Scatter rows={rows} from={from} to={to} />
        {rows.length > 0 && <TraceTable rows={rows} />}
        <Searched to={searchedTo} none={rows.length === 0} />
        <p class="pager">
          {cursor && (
            <button type="button" onClick={() => setParams({ cursor: undefined })}>
              Newest
            </button>
          )}
          <span class="meta">
            {rows.length} {rows.length === 1 ? 'trace' : 'traces'}
          </span>
          {answer.data?.next && (
            <button type="button" onClick={() => setParams({ cursor: answer.data?.next }, { push: true })}>
              {searchedTo === undefined ? 'More' : 'Search on'}
            </button>
          )}
        </p>
      </Waiting>
    </div>
  );
}

function NoTrace({ filtered }: { filtered: boolean }) {
  return (
    <>
      <h2>No trace {filtered ? 'passes this filter' : 'in this range'}</h2>
      <p>
        {filtered
          ? 'Widen the range, or clear the filter.'
          : 'Traces stand here as soon as a service sends spans.'}
      </p>
    </>
  );
}

function Filters() {
  const { from, to } = range.value;
  const chosen = service();
  const routes = useAnswer<readonly RequestRow[]>(
    `/requests${search({ from, to, by: 'route', service: chosen })}`,
    `routes ${chosen} ${rangeKey.value}`,
  );
  const names = [...new Set((routes.data ?? []).map(row => row.route ?? ''))].filter(Boolean).slice(0, 100);
  const set = FILTERS.filter(name => param(name)).length;
  const clear = () => setParams(Object.fromEntries([...FILTERS, 'cursor'].map(name => [name, undefined])));
  return (
    <FilterBox set={set}>
      <Field label="Route" name="route" placeholder="/users/:id" list={names} first />
      <Field label="Name" name="name" placeholder="GET /users/:id" />
      <Choice
        label="Status"
        name="status"
        options={[
          ['', 'Any'],
          ['error', 'Error'],
          ['ok', 'No error'],
        ]}
      />
      <Field label="At least, ms" name="minMs" type="number" placeholder="0" />
      <Field label="At most, ms" name="maxMs" type="number" placeholder="∞" />
      <Field label="Attribute" name="attribute" placeholder="key=value" />
      <Choice
        label="Order"
        name="order"
        options={[
          ['', 'Newest'],
          ['slowest', 'Slowest'],
        ]}
      />
      <GoTo />
      {set > 0 && (
        <button type="button" class="quiet" onClick={clear}>
          Clear
        </button>
      )}
    </FilterBox>
  );
}

const ID = /^[0-9a-f]{32}$/i;

function GoTo() {
  const [id, setId] = useState('');
  const bad = id !== '' && !ID.test(id.trim());
  const submit = (event: Event) => {
    event.preventDefault();
    if (id && !bad) go(hrefOf(`/traces/${id.trim().toLowerCase()}`));
  };
  return (
    <form class="field wide" onSubmit={submit}>
      <label for="trace-id">Trace id</label>
      <input
        id="trace-id"
        value={id}
        placeholder="32 hex digits, then Enter"
        spellcheck={false}
        autocomplete="off"
        aria-invalid={bad}
        onInput={event => setId(event.currentTarget.value)}
      />
    </form>
  );
}
