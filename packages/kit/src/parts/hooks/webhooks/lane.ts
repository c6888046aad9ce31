import { Breaker } from './breaker.ts';
import { DueQueue } from './due-queue.ts';
import type { Death, Entry, Letter } from './letters.ts';
import type { Outcome } from './send.ts';

/** What a lane needs of the whole. */
export interface LaneHost {
  readonly retryMs: readonly number[];
  readonly maxQueue: number;
  now(): number;
  /** False while its receiver wants nothing. */
  enabled(webhook: string): boolean;
  attempt(letter: Letter): Promise<Outcome>;
  record(entry: Entry): void;
  /** The receiver never wants anything again. */
  gone(webhook: string): void;
  buried(letter: Letter): void;
}

/** Attempts under way for one webhook whose order does not matter. */
const AT_A_TIME = 8;
/** Of what the schedule says, so that receivers that were down are not all asked at one moment. */
const JITTER = 0.1;
/** Node counts timers in 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The deliveries to one webhook: at most eight at a time, or one after the other where order is promised. */
export class Lane {
  readonly ordered: boolean;
  readonly #webhook: string;
  readonly #host: LaneHost;
  /** A letter may come twice: as it is written down, and as one that is left of a lane before. */
  readonly #known = new WeakSet<Letter>();
  readonly #breaker = new Breaker();
  /** Where order does not matter: what waits for its time. */
  readonly #waiting = new DueQueue<Letter>();
  /** Where it does: the first is under way or waits, and everything behind it waits with it. */
  #line: Letter[] = [];
  readonly #underWay = new Map<Letter, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(webhook: string, ordered: boolean, host: LaneHost) {
    this.#webhook = webhook;
    this.ordered = ordered;
    this.#host = host;
  }

  get pending(): number {
    return this.ordered ? this.#line.length : this.#waiting.size + this.#underWay.size;
  }

  get breaker(): 'closed' | 'open' | 'half-open' {
    return this.#breaker.state(this.#host.now());
  }

  /** A letter that is written down. What would be too many is given up at once, and can be replayed. */
  add(letter: Letter): void {
    if (this.#known.has(letter)) return;
    this.#known.add(letter);
    if (this.pending >= this.#host.maxQueue) {
      this.#bury(letter, { reason: 'queue_full', at: this.#host.now() });
      return;
    }
    if (this.ordered) this.#line.push(letter);
    else this.#waiting.push(letter, letter.due);
    this.pump();
  }

  /** Starts what may start now, and wakes up for what comes next. */
  pump(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || !this.#host.enabled(this.#webhook)) return;
    const { ordered } = this;
    for (;;) {
      const now = this.#host.now();
      const pause = this.#breaker.waitMs(now);
      if (pause > 0) {
        this.#wake(pause);
        return;
      }
      if (this.#underWay.size >= (ordered ? 1 : AT_A_TIME)) return;
      const letter = ordered ? this.#first(now) : this.#waiting.take(now);
      if (letter === undefined) {
        this.#wake((ordered ? this.#nextInLine() : this.#waiting.next) - now);
        return;
      }
      this.#breaker.begin();
      this.#underWay.set(letter, this.#try(letter));
    }
  }

  /** Everything that waits is given up. */
  buryAll(death: Omit<Death, 'at'>): void {
    const left = [...this.#line.splice(0), ...this.#takeAll()];
    for (const letter of left) this.#bury(letter, { ...death, at: this.#host.now() });
  }

  /** No attempt begins any more; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#underWay.values());
  }

  async #try(letter: Letter): Promise<void> {
    const outcome = await this.#host.attempt(letter);
    this.#underWay.delete(letter);
    if (this.#stopped && !outcome.ok) return;
    this.#settle(letter, outcome);
    this.pump();
  }

  #settle(letter: Letter, outcome: Outcome): void {
    const { id } = letter.message;
    const now = this.#host.now();
    if (outcome.ok) {
      this.#leaveLine(letter);
      this.#host.record({ t: 'done', id, to: letter.to });
      // It is back, so what waits for it need not wait for its schedule.
      if (this.#breaker.succeeded()) this.#release(now);
      return;
    }
    const { status, code, final } = outcome;
    const why = { at: now, ...(status !== undefined && { status }), ...(code !== undefined && { code }) };
    const n = letter.attempts + 1;
    letter.attempts = n;
    if (final !== undefined) {
      this.#breaker.cancel();
      this.#leaveLine(letter);
      this.#bury(letter, { reason: final, ...why });
      if (final === 'gone') this.#host.gone(this.#webhook);
      return;
    }
    this.#breaker.failed(now);
    const delay = this.#host.retryMs[n - 1];
    if (delay === undefined) {
      this.#leaveLine(letter);
      this.#bury(letter, { reason: 'exhausted', ...why });
      return;
    }
    const jitter = 1 - JITTER + 2 * JITTER * Math.random();
    const due = Math.round(now + Math.max(delay * jitter, outcome.retryAfterMs ?? 0));
    this.#host.record({ t: 'tried', id, to: letter.to, n, due });
    if (!this.ordered) this.#waiting.push(letter, due);
  }

  #bury(letter: Letter, death: Death): void {
    // It may come back, by a replay.
    this.#known.delete(letter);
    this.#host.record({ t: 'dead', id: letter.message.id, to: letter.to, n: letter.attempts, d: death });
    this.#host.buried(letter);
  }

  #first(now: number): Letter | undefined {
    const [letter] = this.#line;
    return letter !== undefined && letter.due <= now ? letter : undefined;
  }

  #nextInLine(): number {
    return this.#line[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  #leaveLine(letter: Letter): void {
    if (this.#line[0] === letter) this.#line.shift();
  }

  #release(now: number): void {
    this.#waiting.release(now);
    if (this.#line[0] !== undefined) this.#line[0].due = Math.min(this.#line[0].due, now);
  }

  #takeAll(): Letter[] {
    const all: Letter[] = [];
    for (let one = this.#waiting.take(Infinity); one !== undefined; one = this.#waiting.take(Infinity))
      all.push(one);
    return all;
  }

  /** Waiting alone keeps no process alive: what waits is on the disk. */
  #wake(ms: number): void {
    if (!Number.isFinite(ms)) return;
    this.#timer = setTimeout(
      () => this.pump(),
      Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(ms))),
    ).unref();
  }
}
