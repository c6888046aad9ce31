import type { AllLimits, Decision, PerfMetrics } from '@plimsoll/wire';
import { PROBLEMS } from '@plimsoll/wire';
import { evaluate } from './evaluate.ts';
import type { GuardOptions, Verdict } from './gate.ts';
import { Limiter } from './limiter.ts';
import { LoopTurn } from './loop-turn.ts';

export interface ShedOptions {
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly requestId: () => string | undefined;
  /** Tells the current request that it is turned away. */
  readonly mark: () => void;
  readonly tell: (verdict: Verdict, budget: string) => void;
}

/**
 * While the loop is saturated a turn lets in what comes within this many times a request's usual latency: two requests
 * of one kind. One alone leaves the loop without work now and then, and refusals between single requests find nothing
 * of theirs in the processor's caches; with three, what came at the wrong moment waits for six.
 */
const TIGHT = 1.9;
const TIGHT_LEAST_MS = 0.25;
const BURST_MS = 50;
const RETRY_MS = 1000;
/** Figures in an answer may be this old: a refusal must cost next to nothing. */
const FRESH_MS = 100;

type Reason = 'loop' | 'requests' | 'memory';

/** Decides about requests, from what is known already: nothing is measured, and nothing allocated, to let one in. */
export class Shed {
  readonly #options: ShedOptions;
  readonly #turn = new LoopTurn();
  readonly #limiters = new WeakMap<object, Door>();
  readonly #doors = new Set<WeakRef<Door>>();
  readonly #own: Door;
  #memory: string | undefined;
  total = 0;
  last: Decision = { queue_state: 'queued', reasons: [], position: 0, retry_after_ms: null };

  constructor(options: ShedOptions) {
    this.#options = options;
    this.#own = new Door({}, this.#turn);
  }

  door(guard: object & { readonly options?: GuardOptions }): Door {
    let door = this.#limiters.get(guard);
    if (door === undefined) {
      door = new Door(guard.options ?? {}, this.#turn);
      this.#limiters.set(guard, door);
      this.#doors.add(new WeakRef(door));
    }
    return door;
  }

  /** The verdict about one more request behind this door, or undefined: then it is in, and leaves by `leave`. */
  enter(door: Door, now: number): Verdict | undefined {
    const reason = this.#memory === undefined ? door.over(now) : 'memory';
    if (reason !== undefined) {
      this.#options.mark();
      return this.#refuse(door, reason, now);
    }
    door.limiter.enter();
    return undefined;
  }

  /** Whether a request would be turned away, by a guard that is full or by the event loop. */
  look(): Verdict | undefined {
    const now = this.#options.now();
    const full = this.doors().find(door => door.limiter.full);
    const door = full ?? this.#own;
    const reason = this.#memory === undefined ? door.over(now) : 'memory';
    return reason && this.#refuse(door, reason, now);
  }

  /** With every sample: memory over budget closes all doors, other budgets narrow them. */
  sampled(metrics: PerfMetrics, limits: AllLimits): void {
    const nothing = { cpu_percent: 0, ram_mb: 0, vram_mb: 0 };
    const over = evaluate(nothing, { limits, metrics, ahead: 0, taken: 0 });
    this.#memory = over.find(({ budget }) => budget === 'ram')?.reason;
    // Not CPU: a service that is busy and in time has nothing to turn away.
    const presses = over.some(({ budget }) => budget.startsWith('loop'));
    if (presses) for (const door of this.doors()) door.limiter.press();
  }

  doors(): readonly Door[] {
    const doors: Door[] = [];
    for (const ref of this.#doors) {
      const door = ref.deref();
      if (door === undefined) this.#doors.delete(ref);
      else doors.push(door);
    }
    return doors;
  }

  #refuse(door: Door, reason: Reason, now: number): Verdict {
    let made = door.made.get(reason);
    if (made === undefined || now - made.at > FRESH_MS) {
      const text = reason === 'memory' ? (this.#memory as string) : door.text(reason, now);
      made = { at: now, verdict: new Refusal([text], door.limiter.inFlight + 1, this.#options.requestId) };
      door.made.set(reason, made);
    }
    this.total += 1;
    this.last = made.verdict;
    this.#options.tell(made.verdict, reason);
    return made.verdict;
  }
}

/** One guard's requests. */
export class Door {
  readonly limiter: Limiter;
  readonly #turn: LoopTurn;
  readonly #burstMs: number;
  readonly #except: readonly string[];
  readonly made = new Map<Reason, { at: number; verdict: Verdict }>();

  constructor(options: GuardOptions, turn: LoopTurn) {
    const { maxInFlight: most = 1000, minInFlight = 4, burstMs = BURST_MS, except = [] } = options;
    this.limiter = new Limiter({ most, least: Math.min(most, minInFlight) });
    this.#turn = turn;
    this.#burstMs = burstMs;
    this.#except = except;
  }

  exempt(path: string): boolean {
    return path.startsWith('/health') || (this.#except.length > 0 && this.#except.includes(pathOf(path)));
  }

  over(now: number): Exclude<Reason, 'memory'> | undefined {
    const spent = this.#turn.spent(now);
    if (this.limiter.full) return 'requests';
    return spent > 0 && spent > this.#allowedMs ? 'loop' : undefined;
  }

  text(reason: Reason, now: number): string {
    const { inFlight, limit } = this.limiter;
    if (reason === 'requests') return `requests ${inFlight}/${Math.floor(limit)}`;
    return `loop ${this.#turn.spent(now).toFixed(1)}ms/${this.#allowedMs.toFixed(1)}ms`;
  }

  get #allowedMs(): number {
    if (!this.#turn.saturated) return this.#burstMs;
    return Math.min(this.#burstMs, Math.max(TIGHT_LEAST_MS, this.limiter.base * TIGHT));
  }
}

class Refusal implements Verdict {
  readonly status = 503;
  readonly queue_state = 'delayed';
  readonly retry_after_ms = RETRY_MS;
  readonly reasons: readonly string[];
  readonly position: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #head: string;
  readonly #requestId: () => string | undefined;

  constructor(reasons: readonly string[], position: number, requestId: () => string | undefined) {
    this.reasons = Object.freeze(reasons);
    this.position = position;
    this.#requestId = requestId;
    const { status, hint } = PROBLEMS.over_budget;
    const code = 'over_budget';
    const { queue_state, retry_after_ms } = this;
    const decision = { queue_state, reasons, position, retry_after_ms };
    this.#head = JSON.stringify({ status, code, detail: code, hint, ...decision }).slice(0, -1);
    this.headers = Object.freeze({
      'content-type': 'application/problem+json',
      'retry-after': String(Math.max(1, Math.ceil(RETRY_MS / 1000))),
    });
  }

  body(): string {
    const id = this.#requestId();
    return id === undefined ? `${this.#head}}` : `${this.#head},"request_id":${JSON.stringify(id)}}`;
  }

  response(): Response {
    return new Response(this.body(), { status: this.status, headers: this.headers });
  }
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
