import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LiveMessage, LogRow } from '@plimsoll/wire';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LogQuery, Store } from '../store/types.ts';
import { toJson } from './encode.ts';
import { matches } from './matches.ts';

/** Waiting for the socket: above this a browser is slow, and its rows are counted instead of kept. */
const BUFFERED_AT_MOST = 1024 * 1024;
/** Rows that wait for the next message. A person can't read this many; a page can show them. */
const ROWS_AT_MOST = 500;
const FLUSH_MS = 100;
const PING_MS = 15_000;
const CLIENTS_AT_MOST = 64;

export interface Live {
  /** Takes over a socket whose request was admitted. */
  accept(request: IncomingMessage, socket: Duplex, options: { head: Buffer; filter: LogQuery }): void;
  close(): void;
}

/** Sends log lines to pages as they come. Ingest never waits for a page. */
export function createLive(store: Store): Live {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
  const tails = new Set<Tail>();
  let off: (() => void) | undefined;
  // Only while somebody looks: for nobody the store makes no rows of what it takes.
  const listenToRows = () => {
    off ??= store.onRows(batch => {
      if (batch.kind === 'log') for (const tail of tails) tail.take(batch.rows);
    }, 'log');
  };
  const leave = (tail: Tail) => {
    tails.delete(tail);
    if (tails.size > 0) return;
    off?.();
    off = undefined;
  };
  const flush = setInterval(() => {
    for (const tail of tails) tail.flush();
  }, FLUSH_MS).unref();
  const ping = setInterval(() => {
    for (const tail of tails) tail.ping();
  }, PING_MS).unref();
  return {
    accept(request, socket, { head, filter }) {
      server.handleUpgrade(request, socket, head, ws => {
        if (tails.size >= CLIENTS_AT_MOST) return ws.close(1013, 'too many live tails');
        const tail = new Tail(ws, filter);
        tails.add(tail);
        listenToRows();
        tail.begin();
        ws.on('close', () => leave(tail));
      });
    },
    close() {
      off?.();
      clearInterval(flush);
      clearInterval(ping);
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

class Tail {
  readonly #ws: WebSocket;
  readonly #filter: LogQuery;
  #rows: LogRow[] = [];
  #skipped = 0;
  #alive = true;

  constructor(ws: WebSocket, filter: LogQuery) {
    this.#ws = ws;
    this.#filter = filter;
    ws.on('error', () => ws.terminate());
    ws.on('pong', () => {
      this.#alive = true;
    });
  }

  /** Said once rows are listened to, so that nothing after it is missed. */
  begin(): void {
    this.#send({ kind: 'ready' });
  }

  take(rows: readonly LogRow[]): void {
    const slow = this.#ws.bufferedAmount > BUFFERED_AT_MOST;
    for (const row of rows) {
      if (!matches(row, this.#filter)) continue;
      if (slow || this.#rows.length >= ROWS_AT_MOST) this.#skipped += 1;
      else this.#rows.push(row);
    }
  }

  flush(): void {
    if (this.#rows.length === 0 && this.#skipped === 0) return;
    if (this.#ws.bufferedAmount > BUFFERED_AT_MOST) return;
    const message = { kind: 'logs', rows: this.#rows, skipped: this.#skipped } as const;
    this.#rows = [];
    this.#skipped = 0;
    this.#send(message);
  }

  /** A peer that vanished without a word is let go at the second ping; a slow one answers late, and stays. */
  ping(): void {
    const gone = !this.#alive && this.#ws.bufferedAmount === 0;
    this.#alive = false;
    if (gone) this.#ws.terminate();
    else this.#ws.ping();
  }

  #send(message: LiveMessage): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(toJson(message));
  }
}
