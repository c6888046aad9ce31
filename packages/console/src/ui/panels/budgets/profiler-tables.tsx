import type { ProfilerDashboard, ProfilerRow } from '@plimsoll/wire';
import { age, bytes, duration, number, percent } from '../../lib/format.ts';
import { useOps } from '../../lib/use-ops.ts';
import { Waiting } from '../../parts/state.tsx';
import { type Column, Table } from '../../parts/table.tsx';

const EVERY_MS = 5000;
const kib = (value: number): string => bytes(value * 1024);

const NAMES: readonly Column<ProfilerRow>[] = [
  { title: 'Name', wide: true, cell: ({ name }) => name },
  { title: 'Category', cell: ({ category }) => category },
  { title: 'Count', num: true, cell: ({ count }) => number(count) },
];
const TIME: readonly Column<ProfilerRow>[] = [
  ...NAMES,
  { title: 'p50', num: true, cell: row => duration(row.p50_ms) },
  { title: 'p95', num: true, cell: row => duration(row.p95_ms) },
  { title: 'Longest', num: true, cell: row => duration(row.max_ms) },
  { title: 'In all', num: true, cell: row => duration(row.total_ms) },
];
const MEMORY: readonly Column<ProfilerRow>[] = [
  ...NAMES,
  { title: 'Mean', num: true, cell: row => kib(row.avg_kb) },
  { title: 'Most', num: true, cell: row => kib(row.max_kb) },
  { title: 'In all', num: true, cell: row => kib(row.total_kb) },
];

/** Spans by time and by memory, the newest marks, and the functions that the sampler finds at work. */
export function ProfilerTables({ service, prefix }: { service: string; prefix: string }) {
  const answer = useOps<{ dashboard: ProfilerDashboard }>(service, `${prefix}/profiler/dashboard?limit=10`, {
    everyMs: EVERY_MS,
  });
  const { top_time = [], top_memory = [], marks = [], hot = null } = answer.data?.dashboard ?? {};
  const keyOf = ({ category, name }: ProfilerRow) => `${category} ${name}`;
  return (
    <Waiting answer={answer}>
      <section class="card">
        <h2>Time</h2>
        <Table
          {...{ label: 'Spans by time', rows: top_time, columns: TIME, keyOf }}
          empty="No spans yet: obs.profiler.profile(name, labels, fn) measures what it calls."
        />
      </section>
      <section class="card">
        <h2>Memory</h2>
        <Table
          {...{ label: 'Spans by memory', rows: top_memory, columns: MEMORY, keyOf }}
          empty="No span has grown the heap yet."
        />
      </section>
      {marks.length > 0 && (
        <section class="card">
          <h2>Marks</h2>
          <Table
            label="Marks, newest first"
            rows={marks.toReversed()}
            keyOf={({ name, timestamp }) => `${name} ${timestamp}`}
            columns={[
              { title: 'Name', wide: true, cell: ({ name }) => name },
              { title: 'Category', cell: ({ category }) => category },
              { title: 'Age', num: true, cell: ({ timestamp }) => age(Date.now() - timestamp * 1000) },
            ]}
          />
        </section>
      )}
      {hot !== null && (
        <section class="card">
          <h2>Hot functions</h2>
          <Table
            label="Functions that the sampler found at work"
            rows={hot}
            keyOf={row => `${row.function} ${row.url}:${row.line}`}
            columns={[
              { title: 'Function', wide: true, cell: row => <code>{row.function}</code> },
              { title: 'Where', cell: ({ url, line }) => `${url}:${line}` },
              { title: 'Share', num: true, cell: ({ share }) => percent(share) },
            ]}
            empty="Nothing was at work."
          />
        </section>
      )}
    </Waiting>
  );
}
