type Metadata = Readonly<Record<string, unknown>>;

/** Times are seconds since the Unix epoch; what is kept of metadata is redacted. */
export interface ProfilerMark {
  readonly name: string;
  readonly category: string;
  readonly timestamp: number;
  readonly metadata: Metadata;
}
export interface ProfilerSpan extends ProfilerMark {
  readonly duration_ms: number;
  /** Growth of the heap, KiB. */
  readonly memory_kb: number;
}
/** All spans of one name in one category; to three decimals, quantiles to 2 %. */
export interface ProfilerRow {
  readonly name: string;
  readonly category: string;
  readonly count: number;
  readonly total_ms: number;
  readonly max_ms: number;
  readonly avg_ms: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly total_kb: number;
  readonly max_kb: number;
  readonly avg_kb: number;
  readonly last_timestamp: number;
}
/** A function that the sampler found at work. */
export interface HotFunction {
  readonly function: string;
  readonly url: string;
  readonly line: number;
  readonly samples: number;
  /** Of all samples that were not idle. */
  readonly share: number;
}
export interface ProfilerDashboard {
  readonly top_time: readonly ProfilerRow[];
  readonly top_memory: readonly ProfilerRow[];
  readonly aggregates: readonly ProfilerRow[];
  readonly marks: readonly ProfilerMark[];
  readonly spans: readonly ProfilerSpan[];
  readonly categories: Readonly<Record<string, readonly ProfilerRow[]>>;
  readonly hot: readonly HotFunction[] | null;
  readonly timestamp: number;
}
/** What a profile cost the service that was profiled. */
export interface ProfileCost {
  readonly seconds: number;
  readonly samples: number;
  /** Milliseconds that the event loop stood still. */
  readonly start_ms: number;
  readonly stop_ms: number;
}
export interface CpuProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly hitCount?: number;
  readonly children?: readonly number[];
}
/** As Chrome's tools open it. */
export interface CpuProfile {
  readonly nodes: readonly CpuProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
  readonly plimsoll: { readonly cost: ProfileCost };
}
