import type { LiveMessage, LogRow } from '@plimsoll/wire';
import { useEffect, useState } from 'preact/hooks';
import { search } from './api.ts';

const KEPT = 1000;
const AGAIN_MS = 2000;

export interface Tail {
  /** Newest first, at most 1,000. */
  readonly rows: readonly LogRow[];
  /** Rows that this page was too slow for. */
  readonly skipped: number;
  readonly state: 'off' | 'connecting' | 'live' | 'lost';
}

const EMPTY: Tail = { rows: [], skipped: 0, state: 'off' };

/** The live tail of the lines that pass `filter`, while `on`; it connects again when the connection is lost. */
export function useTail(
  on: boolean,
  filter: Readonly<Record<string, string | readonly string[] | undefined>>,
): Tail {
  const [tail, setTail] = useState<Tail>(EMPTY);
  const query = search(filter);
  useEffect(() => {
    setTail({ ...EMPTY, state: on ? 'connecting' : 'off' });
    if (!on) return;
    let socket: WebSocket | undefined;
    let timer = 0;
    let done = false;
    const open = () => {
      socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/console/live${query}`);
      socket.onmessage = event => {
        const message = JSON.parse(String(event.data)) as LiveMessage;
        setTail(last => added(last, message));
      };
      socket.onclose = () => {
        if (done) return;
        setTail(last => ({ ...last, state: 'lost' }));
        timer = setTimeout(open, AGAIN_MS);
      };
    };
    open();
    return () => {
      done = true;
      clearTimeout(timer);
      socket?.close();
    };
  }, [on, query]);
  return tail;
}

function added(last: Tail, message: LiveMessage): Tail {
  if (message.kind === 'ready') return { ...last, state: 'live' };
  const rows = [...message.rows.toReversed(), ...last.rows].slice(0, KEPT);
  return { rows, skipped: last.skipped + message.skipped, state: 'live' };
}
