import { ASSET_HOOKS } from './hooks/assets.ts';
import { OPERATION_HOOKS } from './hooks/operations.ts';
import { PEOPLE_HOOKS } from './hooks/people.ts';
import type { HookFieldType, HookRow } from './hooks/row.ts';
import { STORY_HOOKS } from './hooks/story.ts';

/** Every hook of ours, once. Apps add entries of their own with `obs.hooks.define`. */
export const HOOKS = [...STORY_HOOKS, ...ASSET_HOOKS, ...OPERATION_HOOKS, ...PEOPLE_HOOKS] as const;

type Row = (typeof HOOKS)[number];
export type HookName = Row['name'];

type ValueOf<T extends HookFieldType> = {
  text: string;
  number: number;
  boolean: boolean;
  list: readonly unknown[];
  map: Readonly<Record<string, unknown>>;
  any: unknown;
}[T];
type DataOf<R extends HookRow> = {
  readonly [K in keyof R['payload']]?: ValueOf<R['payload'][K]['type']> | null | undefined;
};
/** What `emit(name, data)` takes: the fields of the catalogue for a name that it has, anything for other names. */
export type HookData<N extends string> = N extends HookName
  ? DataOf<Extract<Row, { name: N }>>
  : Readonly<Record<string, unknown>>;

/** One hook as it happened and as it leaves the process: redacted, the same for history, stream and webhooks. */
export interface HookEnvelope {
  readonly event: string;
  /** Seconds since the Unix epoch, with a fraction. */
  readonly ts: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** Unique; rises within one run of a process. A stream resumes after it, and webhooks carry it as `webhook-id`. */
  readonly id: string;
}
