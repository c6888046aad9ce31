import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AllLimits, BudgetLimits, LimitChanges, LoopLimits } from '@plimsoll/wire';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { PlimsollError } from '../../base/errors.ts';
import type { Config, Kit } from '../../kernel/part.ts';

interface Row {
  readonly option: `budgets.${string}` & Parameters<Config['get']>[0];
  readonly min: number;
  readonly max?: number;
  readonly whole?: true;
}

const LIMITS = {
  max_cpu_percent: { option: 'budgets.maxCpuPercent', min: 0, max: 100 },
  max_mem_mb: { option: 'budgets.maxMemMb', min: 0 },
  max_vram_mb: { option: 'budgets.maxVramMb', min: 0 },
  max_running_jobs: { option: 'budgets.maxRunningJobs', min: 0, whole: true },
  max_queue_depth: { option: 'budgets.maxQueueDepth', min: 1, whole: true },
  lazy_asset_target_mb: { option: 'budgets.lazyAssetTargetMb', min: 0 },
  evaluation_interval: { option: 'budgets.evaluationInterval', min: 0.1 },
  max_loop_delay_ms: { option: 'budgets.maxLoopDelayMs', min: 0 },
  max_loop_utilization: { option: 'budgets.maxLoopUtilization', min: 0, max: 1 },
} as const satisfies Record<keyof AllLimits, Row>;

const KEYS = Object.keys(LIMITS) as (keyof AllLimits)[];

/**
 * The limits in force: the options', over them what was applied. Changes are written whole, one after the other, to
 * a file below the runtime root; a file that can't be read is left alone until the next change, and said once.
 */
export class Limits {
  readonly #kit: Kit;
  readonly #defaults: AllLimits;
  readonly #path: string | undefined;
  #changed: LimitChanges = {};
  #written: Promise<unknown> = Promise.resolve();
  /** Frozen, and a new one with every change: it may be handed out. */
  all: AllLimits;

  constructor(kit: Kit) {
    this.#kit = kit;
    const { config } = kit;
    this.#defaults = Object.freeze(
      Object.fromEntries(KEYS.map(key => [key, config.get(LIMITS[key].option)])) as unknown as AllLimits,
    );
    const root = config.get('runtimeRoot');
    this.#path = root === undefined ? undefined : join(config.base, config.get('budgets.file'));
    this.#changed = this.#read();
    this.all = Object.freeze({ ...this.#defaults, ...this.#changed }) as AllLimits;
  }

  get persisted(): boolean {
    return this.#path !== undefined;
  }

  /** @throws PLIMSOLL_BUDGET_INPUT before anything is changed; rejects where the file can't be written */
  apply(changes: LimitChanges): Promise<AllLimits> {
    return this.#set({ ...this.#changed, ...checked(changes) });
  }

  reset(): Promise<AllLimits> {
    return this.#set({});
  }

  async #set(changed: LimitChanges): Promise<AllLimits> {
    this.#changed = changed;
    const all = Object.freeze({ ...this.#defaults, ...changed }) as AllLimits;
    this.all = all;
    const path = this.#path;
    if (path !== undefined) {
      const text = `${JSON.stringify({ limits: changed }, null, 2)}\n`;
      const written = this.#written.then(() => writeFileAtomic(path, text));
      this.#written = written.catch(() => {});
      await written;
    }
    return all;
  }

  #read(): LimitChanges {
    if (this.#path === undefined) return {};
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      return {};
    }
    try {
      const { limits } = JSON.parse(text) as { limits: LimitChanges };
      return checked(limits);
    } catch (err) {
      this.#kit.log.named('plimsoll.budgets').warn({ err }, 'budget_limits_unreadable');
      return {};
    }
  }
}

function checked(changes: LimitChanges): LimitChanges {
  const good: Record<string, number> = {};
  for (const [key, value] of Object.entries(changes)) {
    const row = Object.hasOwn(LIMITS, key) ? (LIMITS[key as keyof AllLimits] as Row) : undefined;
    if (row === undefined) throw new PlimsollError('PLIMSOLL_BUDGET_INPUT', `${key} is no limit`);
    if (value === null || value === undefined) continue;
    const { min, max = Number.MAX_SAFE_INTEGER, whole } = row;
    const fits = Number.isFinite(value) && value >= min && value <= max;
    if (!fits || (whole && !Number.isInteger(value))) {
      throw new PlimsollError('PLIMSOLL_BUDGET_INPUT', `${key} is not from ${min} to ${max}`);
    }
    good[key] = value;
  }
  return good;
}

/** The seven that hosts compare, without those of the event loop. */
export function seven(all: AllLimits): BudgetLimits {
  const { max_loop_delay_ms: _delay, max_loop_utilization: _utilization, ...limits } = all;
  return Object.freeze(limits);
}

export function ofLoop({ max_loop_delay_ms, max_loop_utilization }: AllLimits): LoopLimits {
  return Object.freeze({ max_loop_delay_ms, max_loop_utilization });
}
