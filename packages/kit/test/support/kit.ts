import type { LogRecord, SpanRecord } from '@plimsoll/wire';
import type { Clock } from '../../src/base/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { InitOptions } from '../../src/config/options/table.ts';
import { createKit } from '../../src/kernel/create-kit.ts';
import type { KitCore } from '../../src/kernel/kit.ts';

export type Line = Readonly<Record<string, unknown>>;

export interface Opened {
  readonly kit: KitCore;
  /** Every line as it was written. */
  readonly raw: string[];
  /** Parsed as it is read, so that a line which is no JSON fails the test that reads it. */
  lines(): Line[];
  last(): Line;
}

/** A kit by code alone: neither the environment nor a file of this machine has a say. Info lines are all kept. */
export function openKit({ log, ...code }: InitOptions = {}, clock?: Clock): Opened {
  const base = { service: 'demo-api', env: 'production', commit: 'a1b2c3d' };
  const all = { ...base, ...code, log: { samplingRateInfo: 1, ...log } } as InitOptions;
  const config = loadConfig({ code: all, env: {}, argv1: undefined });
  const kit = createKit({ config, ...(clock && { clock }) });
  const raw: string[] = [];
  kit.onLine(line => raw.push(line));
  const lines = (): Line[] => raw.map(line => JSON.parse(line) as Line);
  return { kit, raw, lines, last: () => JSON.parse(raw.at(-1) ?? '') as Line };
}

export function openTracing(
  trace: InitOptions['trace'] = {},
  code: InitOptions = {},
): Opened & { spans: SpanRecord[] } {
  const opened = openKit({ ...code, trace: { enabled: true, ...trace } });
  const spans: SpanRecord[] = [];
  opened.kit.on('span', span => spans.push(span));
  return { ...opened, spans };
}

export function recordsOf(kit: KitCore): LogRecord[] {
  const records: LogRecord[] = [];
  kit.on('log', record => records.push(record));
  return records;
}

/** A clock that stands still until it is moved; epoch and monotonic time agree. */
export function heldClock(start = 1_772_618_400_123.456): Clock & { move(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now,
    epoch: monotonic => monotonic,
    move: ms => {
      now += ms;
    },
  };
}
