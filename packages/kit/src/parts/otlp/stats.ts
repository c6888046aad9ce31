import { OTLP_DROPPED, OTLP_EXPORTED, OTLP_FAILED_EXPORTS } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import type { OtlpSignal } from './gate.ts';
import type { ExportResult } from './transport.ts';

/** How the export of one signal fares, as `kit.read('otlp')` shows it. Times are milliseconds since the epoch. */
export interface SignalState {
  readonly lastSuccess: number | undefined;
  readonly lastFailure: { readonly time: number; readonly code: string } | undefined;
  readonly exported: number;
  readonly dropped: number;
}

/** Why entries were lost. */
export type DropReason = 'queue_full' | 'rejected' | 'refused' | 'unavailable' | 'closed';

const WARN_EVERY_MS = 60_000;

/** Counts what left and what was lost, and warns at most once a minute. */
export class SignalStats {
  readonly #kit: Kit;
  readonly #signal: OtlpSignal;
  readonly #log;
  readonly #exportedTotal;
  readonly #droppedTotal;
  readonly #failedTotal;
  #lastSuccess: number | undefined;
  #lastFailure: { time: number; code: string } | undefined;
  #exported = 0;
  #dropped = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(kit: Kit, signal: OtlpSignal) {
    this.#kit = kit;
    this.#signal = signal;
    this.#log = kit.log.named('plimsoll.otlp');
    this.#exportedTotal = kit.metrics.counter(OTLP_EXPORTED.name, OTLP_EXPORTED).handle({ signal });
    this.#droppedTotal = kit.metrics.counter(OTLP_DROPPED.name, OTLP_DROPPED);
    this.#failedTotal = kit.metrics.counter(OTLP_FAILED_EXPORTS.name, OTLP_FAILED_EXPORTS);
  }

  get state(): SignalState {
    return {
      lastSuccess: this.#lastSuccess,
      lastFailure: this.#lastFailure,
      exported: this.#exported,
      dropped: this.#dropped,
    };
  }

  /** One attempt that failed. */
  failed(code: string): void {
    this.#lastFailure = { time: this.#kit.clock.now(), code };
    this.#failedTotal.inc({ signal: this.#signal, code });
    this.#warn({ code }, 'otlp_export_failed');
  }

  /** The end of a request that held `count` entries. */
  settled(result: ExportResult, count: number): void {
    if (!result.ok) {
      this.dropped(
        result.code === 'aborted' ? 'closed' : result.retryable ? 'unavailable' : 'refused',
        count,
      );
      return;
    }
    this.#lastSuccess = this.#kit.clock.now();
    const rejected = Math.min(result.rejected, count);
    this.#exported += count - rejected;
    this.#exportedTotal.inc(count - rejected);
    if (rejected > 0) this.dropped('rejected', rejected);
    if (rejected > 0 || result.message) {
      this.#warn({ rejected, reason: result.message }, 'otlp_partial_success');
    }
  }

  dropped(reason: DropReason, count: number): void {
    if (count === 0) return;
    this.#dropped += count;
    this.#droppedTotal.inc({ signal: this.#signal, reason }, count);
  }

  #warn(fields: Record<string, unknown>, message: string): void {
    const now = this.#kit.clock.monotonic();
    if (now - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = now;
    this.#log.warn({ signal: this.#signal, ...fields }, message);
  }
}
