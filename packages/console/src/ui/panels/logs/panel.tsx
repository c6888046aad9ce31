import type { LogRow, Page } from '@plimsoll/wire';
import { param, setParams } from '../../lib/address.ts';
import { useAnswer } from '../../lib/answer.ts';
import { search } from '../../lib/api.ts';
import { number } from '../../lib/format.ts';
import { type Tail, useTail } from '../../lib/live.ts';
import { service } from '../../lib/services.ts';
import { paused, range, rangeKey } from '../../lib/time.ts';
import { Searched } from '../../parts/searched.tsx';
import { Waiting } from '../../parts/state.tsx';
import type { Panel } from '../panel.ts';
import { FILTERS, Filters, filter } from './filters.tsx';
import { LogList } from './list.tsx';
import './logs.css';

const PAGE = 200;

function View() {
  const live = param('live') === 'on';
  const tail = useTail(live && !paused.value, filter());
  return (
    <div class="logs">
      <div class="title-row">
        <h1>Logs</h1>
        <button
          type="button"
          class="live-button"
          data-live={tail.state === 'live'}
          aria-pressed={live}
          onClick={() => setParams({ live: live ? undefined : 'on', cursor: undefined }, { push: true })}
        >
          <span class="dot" aria-hidden="true" /> Live tail
        </button>
      </div>
      <Filters />
      {live ? <Live tail={tail} /> : <Found />}
    </div>
  );
}

const STATES = {
  off: 'Paused',
  connecting: 'Connecting…',
  live: 'Waiting for the next line',
  lost: 'The connection is lost; trying again',
};

function Live({ tail }: { tail: Tail }) {
  return (
    <>
      <p class="meta" role="status">
        {STATES[tail.state]}
        {tail.rows.length > 0 && ` · ${number(tail.rows.length)} lines kept`}
        {tail.skipped > 0 && ` · ${number(tail.skipped)} skipped, because this page was too slow for them`}
      </p>
      <LogList rows={tail.rows} />
    </>
  );
}

function Found() {
  const { from, to } = range.value;
  const cursor = param('cursor');
  // All lines of one request, correlation or trace, whenever they were: an id names its own range.
  const byId = ['traceId', 'requestId', 'correlationId'].some(name => param(name));
  const path = `/logs${search({ ...filter(), limit: PAGE, cursor, ...(!byId && { from, to }) })}`;
  const answer = useAnswer<Page<LogRow>>(path, `${search(filter())} ${rangeKey.value} ${cursor}`);
  const rows = answer.data?.items ?? [];
  const searchedTo = answer.data?.searchedTo;
  const filtered = FILTERS.some(name => param(name)) || service();
  return (
    <Waiting
      answer={answer}
      empty={
        rows.length === 0 &&
        searchedTo === undefined && <h2>No line {filtered ? 'passes this filter' : 'in this range'}</h2>
      }
    >
      {rows.length > 0 && <LogList rows={rows} />}
      <Searched to={searchedTo} none={rows.length === 0} />
      <p class="pager">
        {cursor && (
          <button type="button" onClick={() => setParams({ cursor: undefined })}>
            Newest
          </button>
        )}
        <span class="meta">{number(rows.length)} lines</span>
        {answer.data?.next && (
          <button type="button" onClick={() => setParams({ cursor: answer.data?.next }, { push: true })}>
            {searchedTo === undefined ? 'Older' : 'Search on'}
          </button>
        )}
      </p>
    </Waiting>
  );
}

export const panel: Panel = {
  title: 'Logs',
  path: '/logs',
  order: 30,
  key: 'l',
  icon: 'M4 6h16 M4 10h10 M4 14h16 M4 18h7',
  View,
};
