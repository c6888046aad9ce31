import { type Clean, fromError, fromValue, type Outcome, toResult } from './outcome.ts';
import type { CheckFn, CheckResult } from './types.ts';

/** Lost calls (timed out, never settled) stretch the interval up to this many times, so that they can't pile up. */
const STRETCH_AT_MOST = 4;
const UP_AFTER = 2;

const PENDING: CheckResult = Object.freeze({ ok: false, error: 'pending' });

export interface ProbeOptions {
  readonly name: string;
  readonly fn: CheckFn;
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly critical: boolean;
  readonly up?: { set(value: number): void };
  readonly latency?: { observe(seconds: number): void };
  readonly monotonic: () => number;
  readonly clean: Clean;
  /** The shown result changed. */
  readonly onChange: () => void;
  /** The check failed, and did not fail this way before. */
  readonly onFailure: (text: string) => void;
}

/** One check: runs it alone (single-flight), within its timeout, and decides what is shown. */
export class Probe {
  readonly options: ProbeOptions;
  /** Monotonic time of the next call. */
  due = 0;
  shown: CheckResult = PENDING;
  /** Monotonic time of the last call's end; undefined before the first. */
  checkedAt: number | undefined;
  #running: Promise<void> | undefined;
  #passes = 0;
  #lost = 0;
  #lastFailure: string | undefined;
  #removed = false;
  #abort: AbortController | undefined;

  constructor(options: ProbeOptions) {
    this.options = options;
  }

  /** Runs the check, or joins the call that is under way. Never rejects. */
  run(holdProcess: boolean): Promise<void> {
    const done = (): void => {
      this.#running = undefined;
    };
    // A listener of ours that throws must not end the process as an unhandled rejection.
    this.#running ??= this.#once(holdProcess).then(done, done);
    return this.#running;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Milliseconds until the next call. */
  wait(): number {
    return this.options.intervalMs * Math.min(1 + this.#lost, STRETCH_AT_MOST);
  }

  /** Ends the call that is under way; its outcome no longer counts. */
  remove(): void {
    this.#removed = true;
    this.#abort?.abort(new Error('the check was removed'));
  }

  async #once(holdProcess: boolean): Promise<void> {
    const { monotonic } = this.options;
    const start = monotonic();
    const outcome = await this.#call(holdProcess);
    const end = monotonic();
    this.checkedAt = end;
    if (!this.#removed) this.#record(outcome, end - start);
  }

  #call(holdProcess: boolean): Promise<Outcome> {
    const { fn, timeoutMs, clean } = this.options;
    const controller = new AbortController();
    this.#abort = controller;
    return new Promise(resolve => {
      let lost = false;
      const timer = setTimeout(() => {
        lost = true;
        this.#lost += 1;
        resolve({ ok: false, error: 'timeout', text: `no answer within ${timeoutMs} ms` });
        controller.abort(new DOMException('The check took too long', 'TimeoutError'));
      }, timeoutMs);
      // Held only while `start` is awaited: a process whose only work is a hung first check must not just end.
      if (!holdProcess) timer.unref();
      const settle = (outcome: () => Outcome): void => {
        clearTimeout(timer);
        if (lost) this.#lost = Math.max(0, this.#lost - 1);
        else resolve(guarded(outcome));
      };
      // The call starts now, in this turn; what it throws is a failure like a rejection.
      new Promise(done => done(fn(controller.signal))).then(
        value => settle(() => fromValue(value, clean)),
        error => settle(() => fromError(error)),
      );
    });
  }

  #record(outcome: Outcome, latency: number): void {
    const { up, latency: summary, onFailure, onChange } = this.options;
    up?.set(outcome.ok ? 1 : 0);
    const first = this.shown === PENDING;
    const result = toResult(outcome, latency);
    if (outcome.ok) {
      this.#lost = 0;
      this.#passes += 1;
      summary?.observe(latency / 1000);
      if (first || this.shown.ok || this.#passes >= UP_AFTER) {
        this.#lastFailure = undefined;
        this.shown = result;
      }
    } else {
      this.#passes = 0;
      this.shown = result;
      const text = outcome.text ?? outcome.error ?? 'error';
      const kind = outcome.error ?? text;
      if (kind !== this.#lastFailure)
        onFailure(outcome.error && text !== outcome.error ? `${outcome.error}: ${text}` : text);
      this.#lastFailure = kind;
    }
    onChange();
  }
}

/** Reading what a check returned can throw (a getter, a proxy); that is a failed check. */
function guarded(outcome: () => Outcome): Outcome {
  try {
    return outcome();
  } catch (error) {
    return fromError(error);
  }
}
