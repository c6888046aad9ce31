import { ASSETS } from './assets.ts';
import { CORE } from './core.ts';
import { CRASH } from './crash.ts';
import { DRAIN } from './drain.ts';
import { HOOKS } from './hooks.ts';
import { OPS_PROBLEM } from './ops-problem.ts';
import { OTLP } from './otlp.ts';
import { OTLP_SIGNALS } from './otlp-signals.ts';
import { OTLP_TLS } from './otlp-tls.ts';
import { PERF } from './perf.ts';
import { PROVIDERS } from './providers.ts';
import { SERVICE } from './service.ts';
import { LOG, METRICS, TRACE } from './signals.ts';
import { TELEMETRY } from './telemetry.ts';

/** Every option of ours, once. */
export const OPTIONS = [
  ...CORE,
  ...LOG,
  ...METRICS,
  ...TRACE,
  ...OTLP,
  ...OTLP_SIGNALS,
  ...OTLP_TLS,
  ...SERVICE,
  ...OPS_PROBLEM,
  ...DRAIN,
  ...CRASH,
  ...PROVIDERS,
  ...ASSETS,
  ...TELEMETRY,
  ...HOOKS,
  ...PERF,
] as const;

type Row = (typeof OPTIONS)[number];
type ValueTypes = {
  boolean: boolean;
  integer: number;
  number: number;
  string: string;
  url: string;
  key: string;
  list: readonly string[];
  map: Readonly<Record<string, string>>;
  handed: object;
};
type ValueOf<R extends Row> =
  | (R extends { type: 'enum'; values: readonly (infer V)[] }
      ? V
      : R['type'] extends keyof ValueTypes
        ? ValueTypes[R['type']]
        : never)
  | (R['default'] extends undefined ? undefined : never);

/** `log.level` and all the others. */
export type OptionKey = Row['key'];
/** What `config.get(key)` returns. */
export type OptionValue<K extends OptionKey> = ValueOf<Extract<Row, { key: K }>>;

/** In code a list may be one text, split at commas as in the environment. */
type CodeValue<K extends OptionKey> =
  OptionValue<K> extends readonly string[] ? OptionValue<K> | string : OptionValue<K>;
type GroupOf<K extends string> = K extends `${infer G}.${string}` ? G : never;

/** Options in code: `{ service: 'x', log: { level: 'debug' } }`. Undefined is as good as absent. */
export type InitOptions = {
  readonly [K in OptionKey as K extends `${string}.${string}` ? never : K]?: CodeValue<K> | undefined;
} & {
  readonly [G in GroupOf<OptionKey>]?: {
    readonly [K in OptionKey as K extends `${G}.${infer N}` ? N : never]?: CodeValue<K> | undefined;
  };
};
