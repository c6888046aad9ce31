import { getHeapStatistics } from 'node:v8';
import type { CpuProfile, ProfilerDashboard, ProfilerMark, ProfilerSpan } from '@plimsoll/wire';
import { PlimsollError } from '../../base/errors.ts';
import type { Kit, Part } from '../../kernel/part.ts';
import { eventBus, PORTS } from '../../kernel/ports.ts';
import { AlwaysOn } from './always-on.ts';
import * as gates from './gate.ts';
import { Profiles } from './inspector.ts';
import { Recorder } from './recorder.ts';

const EVENT = 'on_perf_profiler_snapshot';
/** A dashboard that is polled tells the bus at most this often, and of changes only. */
const TELL_MS = 1000;
/** Rows of a told snapshot. */
const TOLD = 100;

/** Where the time and the memory go: spans and marks of the app's own, and profiles of the whole thread. */
export const profiler: Part = { name: gates.gate.name, setup };

function setup(kit: Kit) {
  const desk = new ProfilerDesk(kit);
  const hidden = [kit.expose(gates.gate.name, () => desk), kit.expose(PORTS.profile, () => desk)];
  return async () => {
    for (const hide of hidden) void hide();
    await desk.close();
  };
}

export class ProfilerDesk implements gates.Profiler {
  readonly #kit: Kit;
  readonly #recorder = new Recorder();
  readonly profiles: Profiles;
  readonly #always: AlwaysOn | undefined;
  #told = { version: 0, at: Number.NEGATIVE_INFINITY };

  constructor(kit: Kit) {
    this.#kit = kit;
    const { config } = kit;
    this.profiles = new Profiles(config.get('profiler.maxSeconds'), config.base);
    const hz = config.get('profiler.sampleHz');
    this.#always = hz > 0 ? new AlwaysOn(hz, config.base) : undefined;
  }

  profile<R>(name: string, labels: gates.ProfileLabels, fn: () => R): R {
    const heap = heapUsed();
    const began = this.#kit.clock.monotonic();
    const end = (thrown?: { readonly error: unknown }): void => {
      const duration_ms = this.#kit.clock.monotonic() - began;
      const memory_kb = (heapUsed() - heap) / 1024;
      const metadata = thrown ? { ...labels.metadata, exception: String(thrown.error) } : labels.metadata;
      this.recordSpan(name, { ...labels, ...(metadata && { metadata }), duration_ms, memory_kb });
    };
    let result: R;
    try {
      result = fn();
    } catch (error) {
      end({ error });
      throw error;
    }
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') {
      end();
      return result;
    }
    return (result as unknown as Promise<unknown>).then(
      value => {
        end();
        return value;
      },
      error => {
        end({ error });
        throw error;
      },
    ) as R;
  }

  recordSpan(name: string, { duration_ms, memory_kb = 0, ...labels }: gates.SpanInput): ProfilerSpan {
    const sizes = { duration_ms: amount(duration_ms), memory_kb: amount(memory_kb) };
    const span = Object.freeze({ ...this.#labelled(name, labels), ...sizes });
    this.#recorder.span(span);
    this.#hook('span.recorded', { span: { ...span, metadata: labels.metadata ?? {} } });
    return span;
  }

  mark(name: string, labels: gates.ProfileLabels = {}): ProfilerMark {
    const mark = Object.freeze(this.#labelled(name, labels));
    this.#recorder.mark(mark);
    this.#hook('mark.emitted', { mark: { ...mark, metadata: labels.metadata ?? {} } });
    return mark;
  }

  dashboard(limit = 5): ProfilerDashboard {
    return { ...this.#recorder.dashboard(limit, this.#now()), hot: this.#always?.hot() ?? null };
  }

  /** Tells the bus of a dashboard that somebody looked at, where it is news or was asked for. */
  tell({ top_time, top_memory, aggregates, marks, timestamp }: ProfilerDashboard, asked: boolean): void {
    const at = this.#kit.clock.monotonic();
    const { version } = this.#recorder;
    if ((version === this.#told.version && !asked) || at - this.#told.at < TELL_MS) return;
    this.#told = { version, at };
    const rows = aggregates.slice(0, TOLD);
    this.#hook('snapshot.generated', { top_time, top_memory, aggregates: rows, marks, timestamp });
  }

  health(limit: number): object {
    const { spans, marks } = this.#recorder;
    return {
      ...{ spans_recorded: spans.total, marks_recorded: marks.total },
      ...{ spans_kept: spans.length, marks_kept: marks.length },
      ...this.#recorder.tops(limit),
      ...{ recent_spans: spans.newest(limit), recent_marks: marks.newest(limit), timestamp: this.#now() },
    };
  }

  reset(): void {
    this.#recorder.reset();
    this.#hook('reset', { timestamp: this.#now() });
  }

  cpu(options?: gates.CpuProfileOptions): Promise<CpuProfile> {
    return this.profiles.cpu(options);
  }

  heap(options?: gates.HeapProfileOptions): Promise<gates.HeapProfile> {
    return this.profiles.heap(options);
  }

  /** Brings the hot functions up to date; else that is done every ten seconds. */
  async turn(): Promise<void> {
    await this.#always?.turn();
  }

  async close(): Promise<void> {
    this.profiles.close();
    await this.#always?.stop();
  }

  #labelled(name: string, { category = 'general', metadata }: gates.ProfileLabels): ProfilerMark {
    if (!(name.length > 0 && name.length <= 128 && category.length > 0 && category.length <= 64)) {
      throw new PlimsollError(
        'PLIMSOLL_BUDGET_INPUT',
        'a name of 1 to 128, a category of 1 to 64 characters',
      );
    }
    const { privacy } = this.#kit;
    const clean = privacy.redact(metadata ?? {}, 'echo') as Readonly<Record<string, unknown>>;
    const labels = { name: privacy.text(name), category: privacy.text(category) };
    return { ...labels, timestamp: this.#now(), metadata: clean };
  }

  #hook(trigger: string, payload: Readonly<Record<string, unknown>>): void {
    eventBus(this.#kit)?.emit(EVENT, { trigger, payload, timestamp: this.#now() });
  }

  #now(): number {
    return this.#kit.clock.now() / 1000;
  }
}

/** A call of `process.memoryUsage` asks the system as well, and takes ten times as long. */
const heapUsed = (): number => getHeapStatistics().used_heap_size;

const amount = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);
