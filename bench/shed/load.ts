/**
 * Load in a process of its own. `rate` is an open loop: requests fall due at random moments whether answers come or
 * not, and a latency counts from the moment a request fell due. Without `rate`, each connection asks again at once.
 * A pair is both at once: a closed loop on one server, and an open one on another at a multiple of what the first gets
 * done at that moment.
 */
import { Latencies } from '../lib/latencies.ts';
import { Connection } from '../lib/wire-client.ts';

export interface ShedOrder {
  url: string;
  seconds: number;
  connections: number;
  rate?: number;
  /** Share of the run whose requests are asked, and not counted: the service finds its limits in it. Default 0.2. */
  settle?: number;
}
export interface PairOrder {
  closed: Omit<ShedOrder, 'rate'>;
  open: Omit<ShedOrder, 'rate'>;
  times: number;
}
export interface Pair {
  closed: ShedLoad;
  open: ShedLoad;
}
export interface ShedLoad {
  seconds: number;
  /** Answered with 2xx, and not. */
  served: number;
  refused: number;
  /** Still without an answer when the time was over. */
  unanswered: number;
  /** Of the served, ms. */
  p50: number;
  p99: number;
  /** Of the refused, ms. */
  refusedP99: number;
}

const USERS = 64;
const SETTLE = 0.2;

/** What a closed loop gets done is averaged over about this many milliseconds, so that an open one follows it. */
const PACE_MS = 400;

async function run(order: ShedOrder): Promise<ShedLoad> {
  const { rate } = order;
  const clients = new Clients(order);
  await (rate === undefined ? clients.closed() : clients.open(() => rate));
  return clients.end();
}

async function pair({ closed, open, times }: PairOrder): Promise<Pair> {
  const [peak, over] = [new Clients(closed), new Clients(open)];
  await Promise.all([peak.closed(), over.open(() => peak.pace() * times)]);
  return { closed: peak.end(), open: over.end() };
}

class Clients {
  readonly #all: Connection[] = [];
  readonly #free: Connection[] = [];
  readonly #requests: readonly Buffer[];
  readonly #good = new Latencies();
  readonly #bad = new Latencies();
  readonly #began = performance.now();
  readonly #from: number;
  readonly #until: number;
  readonly #seconds: number;
  readonly #counted: number;
  #turn = 0;
  #asked = 0;
  #served = 0;
  #refused = 0;
  #waiting = 0;
  readonly #pace: number[] = [];

  constructor({ url, seconds, connections, settle = SETTLE }: ShedOrder) {
    const target = new URL(url);
    this.#requests = Array.from({ length: USERS }, (_, n) => request(target, n));
    this.#seconds = seconds;
    this.#counted = seconds * (1 - settle);
    this.#from = this.#began + seconds * 1000 * settle;
    this.#until = this.#began + seconds * 1000;
    for (let n = 0; n < connections; n++) {
      const connection = new Connection(target.hostname, Number(target.port), () => {});
      this.#all.push(connection);
      this.#free.push(connection);
    }
  }

  closed(): Promise<void> {
    const again = (connection: Connection): void => {
      const now = performance.now();
      if (now < this.#until) this.#ask(connection, now, () => again(connection));
    };
    for (const connection of this.#free) again(connection);
    return new Promise(resolve => setTimeout(resolve, this.#seconds * 1000));
  }

  /** Answers a second, of late. */
  pace(): number {
    const span = this.#pace.length > 0 ? performance.now() - (this.#pace[0] as number) : 0;
    return span < 50 ? 0 : (this.#pace.length / span) * 1000;
  }

  /** `rate` is asked for again at each step. */
  open(rate: () => number): Promise<void> {
    const random = xorshift(7);
    const due: number[] = [];
    let at = this.#began;
    return new Promise<void>(resolve => {
      const step = (): void => {
        const now = performance.now();
        const gap = 1000 / rate();
        if (!Number.isFinite(gap)) at = now;
        else for (; at <= now && at < this.#until; at -= Math.log(1 - random()) * gap) due.push(at);
        while (due.length > 0 && this.#free.length > 0) {
          const connection = this.#free.pop() as Connection;
          this.#ask(connection, due.shift() as number, () => this.#free.push(connection));
        }
        this.#waiting = due.length;
        if (now >= this.#until) resolve();
        else setImmediate(step);
      };
      step();
    });
  }

  end(): ShedLoad {
    for (const connection of this.#all) connection.close();
    return {
      ...{ seconds: this.#counted, served: this.#served, refused: this.#refused },
      unanswered: this.#asked + this.#waiting - this.#served - this.#refused,
      ...{
        p50: this.#good.quantile(0.5),
        p99: this.#good.quantile(0.99),
        refusedP99: this.#bad.quantile(0.99),
      },
    };
  }

  #ask(connection: Connection, moment: number, then: () => void): void {
    this.#turn = (this.#turn + 1) % USERS;
    const counts = moment >= this.#from;
    if (counts) this.#asked += 1;
    connection.send(this.#requests[this.#turn] as Buffer, ok => {
      const now = performance.now();
      this.#pace.push(now);
      while (now - (this.#pace[0] as number) > PACE_MS) this.#pace.shift();
      if (counts && now < this.#until) {
        (ok ? this.#good : this.#bad).add(now - moment);
        if (ok) this.#served += 1;
        else this.#refused += 1;
      }
      then();
    });
  }
}

function request({ pathname, search, host }: URL, user: number): Buffer {
  const head = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nX-User-Id: u-${user}\r\nX-Campus-Id: c-1\r\n`;
  return Buffer.from(`${head}Connection: keep-alive\r\n\r\n`);
}

function xorshift(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

process.on('message', async order =>
  process.send?.(await ('times' in (order as object) ? pair(order as PairOrder) : run(order as ShedOrder))),
);
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
