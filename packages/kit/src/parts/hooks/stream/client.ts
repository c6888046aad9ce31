import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Raised } from '../bus.ts';
import type { Catalogue } from '../catalogue.ts';
import type { History } from '../history.ts';
import { type Asked, askedByMessage, type Topics } from './topics.ts';

/** Hooks that wait for a client that is slow; the oldest goes when one more comes. */
const QUEUE = 256;
/** What a socket may hold that the client has not taken yet, before hooks wait for it here. */
const BUFFERED_BYTES = 65_536;
/** Whoever asks for more than this and takes nothing is let go. */
const ABUSE_BYTES = 1_048_576;
const POLICY_VIOLATION = 1008;
const TEXT = { binary: false } as const;

export interface ClientHost {
  readonly catalogue: Catalogue;
  readonly history: History;
  readonly pingMs: number;
  missed(count: number): void;
  /** Gives all clients what is on its way to them. */
  flush(): void;
}

/** What a client missed: how many hooks, and which were the first and the last of them. */
interface Gap {
  missed: number;
  first: string;
  last: string;
}

/** One client of the stream: gets its hooks in order, and is told of each gap where the gap is. */
export class Client {
  readonly #ws: WebSocket;
  /** Under the WebSocket, for one write of many messages. */
  readonly #socket: Duplex;
  readonly #host: ClientHost;
  #topics: Topics = 'all';
  #queue: Raised[] = [];
  /** What was dropped before the first of the queue. */
  #gap: Gap | undefined;
  #waiting = false;
  #alive = true;
  #lastSent = performance.now();

  constructor({ ws, socket }: { ws: WebSocket; socket: Duplex }, host: ClientHost, asked: Asked) {
    this.#ws = ws;
    this.#socket = socket;
    this.#host = host;
    ws.on('error', () => ws.terminate());
    ws.on('pong', () => {
      this.#alive = true;
    });
    ws.on('message', (data, binary) => this.#heard(binary ? '' : String(data)));
    this.#follow({ topics: 'all', ...asked });
  }

  takeAll(raised: readonly Raised[]): void {
    this.#socket.cork();
    for (const one of raised) this.take(one);
    this.#socket.uncork();
  }

  take(raised: Raised): void {
    if (this.#topics !== 'all' && !this.#topics.has(raised.envelope.event)) return;
    if (!this.#waiting && this.#queue.length === 0 && this.#gap === undefined) this.#send(raised.bytes);
    else this.#keep(raised);
  }

  /** Called often; says something when nothing was said for long, and lets go of a peer that is gone. */
  tick(now: number): void {
    if (now - this.#lastSent < this.#host.pingMs) return;
    if (!this.#alive && this.#ws.bufferedAmount === 0) {
      this.#ws.terminate();
      return;
    }
    this.#alive = false;
    this.#ws.ping();
    if (!this.#waiting) this.#say({ ping: true });
    else this.#lastSent = now;
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #heard(text: string): void {
    const asked = askedByMessage(text, this.#topics, this.#host.catalogue);
    if (asked === undefined) return;
    this.#host.flush();
    this.#follow(asked);
  }

  #follow({ topics, unknown, after }: Asked): void {
    if (unknown !== undefined) {
      this.#say({ ok: false, error: `unknown topics: ${unknown.slice(0, 16).join(', ')}` });
      this.#ws.close(POLICY_VIOLATION, 'unknown topics');
      this.#topics = new Set();
      return;
    }
    if (topics !== undefined) {
      this.#topics = topics;
      this.#say({ ok: true, subscribed: topics === 'all' ? this.#host.catalogue.names() : [...topics] });
    }
    if (after !== undefined) this.#resume(after);
  }

  /** What came after that id, as far as it is kept; what is not is said first. */
  #resume(after: string): void {
    const { found, missed } = this.#host.history.since(after);
    // Nobody knows what another run of the process raised; `missed` is null then.
    if (missed !== 0) this.#say({ overflow: { missed: missed ?? null, after } });
    for (const raised of found) this.take(raised);
  }

  #keep(raised: Raised): void {
    this.#queue.push(raised);
    if (this.#queue.length <= QUEUE) return;
    const { id } = (this.#queue.shift() as Raised).envelope;
    this.#gap ??= { missed: 0, first: id, last: id };
    this.#gap.missed += 1;
    this.#gap.last = id;
    this.#host.missed(1);
  }

  #pump(): void {
    this.#waiting = false;
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#gap !== undefined) {
      const overflow = this.#gap;
      this.#gap = undefined;
      this.#say({ overflow });
    }
    while (!this.#waiting && this.#queue.length > 0) this.#send((this.#queue.shift() as Raised).bytes);
  }

  #say(message: unknown): void {
    this.#send(JSON.stringify(message));
  }

  /** Bytes of a hook are the same ones for every client. */
  #send(data: string | Buffer): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#ws.bufferedAmount > ABUSE_BYTES) {
      this.#ws.terminate();
      return;
    }
    this.#lastSent = performance.now();
    // Above the bound the next hook waits until the socket has given this one to the system.
    if (this.#waiting || this.#ws.bufferedAmount < BUFFERED_BYTES) this.#ws.send(data, TEXT);
    else {
      this.#waiting = true;
      this.#ws.send(data, TEXT, () => this.#pump());
    }
  }
}
