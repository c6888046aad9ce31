export type {
  AllLimits,
  Attributes,
  AttributeValue,
  BreachRecord,
  BudgetJob,
  BudgetSnapshot,
  CpuProfile,
  CrashRecord,
  CrashSummary,
  HookData,
  HookEnvelope,
  HookField,
  HookName,
  HookRecord,
  HookRow,
  JobAnnotation,
  JobDecision,
  JobInput,
  Level,
  LimitChanges,
  LogRecord,
  MetricFamily,
  PerfHints,
  PerfMetrics,
  ProfilerDashboard,
  Signal,
  SpanRecord,
  Transition,
} from '@plimsoll/wire';
export { init } from '../app/init.ts';
export type { Obs } from '../app/obs.ts';
export type { FlagChange, FlagState, Flags } from '../config/flags.ts';
export type { InitOptions } from '../config/load.ts';
export type {
  Kit,
  OpsContext,
  Part,
  Peer,
  Route,
  RouteGroup,
  Teardown,
  Upgrade,
  UpgradeHandler,
} from '../kernel/part.ts';
export type { JobRouteOptions, Ops } from '../ops/router.ts';
export type {
  Asset,
  AssetDescription,
  AssetFilter,
  AssetHook,
  AssetHookEvent,
  AssetPage,
  AssetReport,
  Assets,
} from '../parts/assets/gate.ts';
export type {
  AssetInput,
  BudgetAssets,
  Budgets,
  Guard,
  GuardOptions,
  RunOptions,
  Sampler,
  Unload,
  Verdict,
} from '../parts/budgets/gate.ts';
export type { CaptureOptions, Crash } from '../parts/crash/gate.ts';
export type {
  DefinedHook,
  HookEntry,
  HookListener,
  Hooks,
  ReplayFilter,
  Webhook,
  WebhookInput,
} from '../parts/hooks/gate.ts';
export type {
  CpuProfileOptions,
  HeapProfile,
  HeapProfileOptions,
  ProfileLabels,
  Profiler,
  SpanInput,
} from '../parts/profiler/gate.ts';
export type {
  Provider,
  ProviderHealth,
  ProviderInput,
  ProviderQuota,
  Providers,
} from '../parts/providers/gate.ts';
export type {
  Telemetry,
  TelemetryConsent,
  TelemetryFeature,
  TelemetryHook,
  TelemetrySummary,
} from '../parts/telemetry/gate.ts';
export type { Context } from '../signals/context/context.ts';
export type { CheckFn, CheckOptions, CheckResult, Finding, Health } from '../signals/health/types.ts';
export type { Log, LogFn } from '../signals/log/types.ts';
export type {
  Counter,
  CounterHandle,
  Gauge,
  GaugeHandle,
  Histogram,
  HistogramHandle,
  Metrics,
  Summary,
} from '../signals/metrics/types.ts';
export type { Carrier, Span, SpanOptions, Tracer } from '../signals/trace/types.ts';
