import type { HookEnvelopeAnswer, HooksAnswer } from '@plimsoll/wire/ops';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type OpsSocket, ops } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { Switch } from '../../parts/switch.tsx';
import { Table } from '../../parts/table.tsx';
import type { Bus } from './panel.tsx';

const KEPT = 100;
const AGAIN_MS = 2000;

type Row = HookEnvelopeAnswer | { readonly id: string; readonly gap: string };
interface Said extends Partial<HookEnvelopeAnswer> {
  readonly overflow?: { readonly missed: number | null };
}

/** Hooks as they happen, newest first, through the console's socket; after a break it goes on where it was. */
export function Stream({ service, prefix }: Bus) {
  const about = useOps<HooksAnswer>(service, prefix);
  const [event, setEvent] = useState('');
  const [live, setLive] = useState(true);
  const [state, setState] = useState('opening');
  const [rows, setRows] = useState<readonly Row[]>([]);
  const last = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (!live) return;
    let socket: OpsSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const take = (said: Said) => {
      if (said.overflow !== undefined) {
        const { missed } = said.overflow;
        const gap = missed === null ? 'The service was started again' : `${missed} hooks were missed here`;
        setRows(before => [{ id: `gap ${before.length} ${last.current}`, gap }, ...before].slice(0, KEPT));
      } else if (said.event !== undefined && said.id !== undefined) {
        last.current = said.id;
        const row = said as HookEnvelopeAnswer;
        setRows(before => [row, ...before.filter(({ id }) => id !== row.id)].slice(0, KEPT));
      }
    };
    const open = () => {
      const query = { ...(event && { topics: event }), ...(last.current && { after: last.current }) };
      const events = {
        onMessage: (value: unknown) => take(value as Said),
        onState: (now: 'open' | 'lost' | 'closed') => {
          setState(now);
          if (now === 'lost' && !ended) timer = setTimeout(open, AGAIN_MS);
        },
      };
      socket = ops(service).socket(`${prefix}/ws`, events, query);
    };
    open();
    return () => {
      ended = true;
      clearTimeout(timer);
      socket?.close();
    };
  }, [service, prefix, event, live]);
  const choose = (name: string) => {
    last.current = undefined;
    setRows([]);
    setEvent(name);
  };
  const words = !live
    ? 'paused'
    : state === 'open'
      ? 'live'
      : state === 'lost'
        ? 'lost; trying again'
        : 'opening';
  return (
    <section class="card">
      <div class="card-head">
        <h2>Live</h2>
        <span class={`tag stream-${live && state === 'open' ? 'on' : 'off'}`} role="status">
          {words}
        </span>
        <label class="choice">
          <span class="visually-hidden">Hook to follow</span>
          <select value={event} onChange={change => choose(change.currentTarget.value)}>
            <option value="">All hooks</option>
            {(about.data?.hooks ?? []).map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Switch label="Follow" on={live} onChange={setLive} />
      </div>
      <Table
        label="Live hooks"
        rows={rows}
        keyOf={row => row.id}
        empty="Nothing was raised since this page was opened."
        columns={[
          { title: 'Time', cell: row => ('gap' in row ? '' : timeOf(row.ts * 1000)) },
          { title: 'Hook', cell: row => ('gap' in row ? <em>{row.gap}</em> : <code>{row.event}</code>) },
          {
            title: 'Data',
            wide: true,
            cell: row => ('gap' in row ? '' : <code class="data">{JSON.stringify(row.data)}</code>),
          },
        ]}
      />
    </section>
  );
}

export const timeOf = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
