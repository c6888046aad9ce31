/**
 * The load, in a process of its own. `closed`: each connection asks again as soon as it is answered, for a time or a
 * number of requests. `open`: requests fall due at random moments at a fixed mean rate, whether answers come or not,
 * and a latency counts from the moment a request fell due, so that a server that stops is not flattered.
 */
import { Latencies } from './latencies.ts';
import { Connection } from './wire-client.ts';

export interface LoadOrder {
  kind: 'closed' | 'open';
  /** Origin and path; `*` in it stands for an id that varies. */
  url: string;
  seconds?: number;
  requests?: number;
  /** Requests a second, for `open`. */
  rate?: number;
  connections?: number;
}
export interface Load {
  requests: number;
  seconds: number;
  errors: number;
  /** Latencies, ms. */
  p50: number;
  p99: number;
  p999: number;
  max: number;
  /** Answers left out of the latencies of `open`, since this process was away while they were due or under way. */
  leftOut: number;
}

const IDS = 1024;
const CONNECTIONS = 50;
/**
 * Longer than this between two turns, ms, and the load was not running: the sink shares its core. What it felt then
 * says nothing of the server, and is left out for every variant alike.
 */
const AWAY = 0.5;
/** How long answers that are still out may take after the end, ms. */
const GRACE = 5000;

class Run {
  readonly #order: LoadOrder;
  readonly #target: URL;
  readonly #requests: Buffer[];
  readonly #connections: Connection[] = [];
  readonly #free: Connection[] = [];
  readonly #latencies = new Latencies();
  #next = 0;
  sent = 0;
  answered = 0;
  errors = 0;
  leftOut = 0;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#target = new URL(order.url);
    this.#requests = Array.from({ length: IDS }, (_, id) => this.#request(id));
    for (let i = 0; i < (order.connections ?? CONNECTIONS); i++) this.#open();
  }

  async closed(): Promise<Load> {
    const { seconds = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY } = this.#order;
    const started = performance.now();
    const until = started + seconds * 1000;
    await new Promise<void>(resolve => {
      const again = (connection: Connection): void => {
        if (this.sent >= requests || performance.now() >= until) {
          if (this.answered === this.sent) resolve();
          return;
        }
        const sent = performance.now();
        this.#send(connection, () => {
          this.#latencies.add(performance.now() - sent);
          again(connection);
        });
      };
      for (const connection of this.#free.splice(0)) again(connection);
    });
    return this.#end(started);
  }

  async open(): Promise<Load> {
    const { rate = 1000, seconds = 1 } = this.#order;
    const started = performance.now();
    const until = started + seconds * 1000;
    const random = xorshift(rate);
    const due: number[] = [];
    let at = started;
    let turned = started;
    let cameBack = 0;
    const back = (now: number): void => {
      if (now - turned > AWAY) cameBack = now;
      turned = now;
    };
    await new Promise<void>(resolve => {
      // A timer is a millisecond late; a loop that never sleeps is not, and this core has nothing else to do.
      const turn = (): void => {
        const now = performance.now();
        back(now);
        for (; at <= now && at < until; at -= Math.log(1 - random()) * (1000 / rate)) due.push(at);
        while (due.length > 0 && this.#free.length > 0) {
          const moment = due.shift() as number;
          const connection = this.#free.pop() as Connection;
          this.#send(connection, ok => {
            const answered = performance.now();
            back(answered);
            if (moment < cameBack) this.leftOut += 1;
            else if (ok) this.#latencies.add(answered - moment);
            this.#free.push(connection);
          });
        }
        const over = now >= until && due.length === 0 && this.answered === this.sent;
        if (over || now > until + GRACE) resolve();
        else setImmediate(turn);
      };
      turn();
    });
    this.errors += due.length;
    return this.#end(started);
  }

  #send(connection: Connection, done: (ok: boolean) => void): void {
    this.sent += 1;
    this.#next = (this.#next + 1) % IDS;
    connection.send(this.#requests[this.#next] as Buffer, ok => {
      this.answered += 1;
      if (!ok) this.errors += 1;
      done(ok);
    });
  }

  #open(): void {
    const connection = new Connection(this.#target.hostname, Number(this.#target.port), () => {});
    this.#connections.push(connection);
    this.#free.push(connection);
  }

  #end(started: number): Load {
    const seconds = (performance.now() - started) / 1000;
    for (const connection of this.#connections) connection.close();
    return {
      ...{ requests: this.answered - this.errors, seconds, errors: this.errors },
      p50: this.#latencies.quantile(0.5),
      p99: this.#latencies.quantile(0.99),
      p999: this.#latencies.quantile(0.999),
      max: this.#latencies.max,
      leftOut: this.leftOut,
    };
  }

  #request(id: number): Buffer {
    const { pathname, search, host } = this.#target;
    const path = (pathname + search).replace('*', String(id));
    // No more headers than autocannon sends: each would make the bare server dearer, and every ratio kinder.
    return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`);
  }
}

/** The same moments in every run, so that both of a pair meet the same bursts. */
function xorshift(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

process.on('message', async (order: LoadOrder) => {
  const run = new Run(order);
  process.send?.(await run[order.kind]());
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
