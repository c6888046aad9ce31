import type { AllLimits, BudgetAsset, PerfMetrics } from '@plimsoll/wire';
import type { Clock } from '../../base/clock.ts';
import { PlimsollError } from '../../base/errors.ts';
import type { AssetInput, Unload } from './gate.ts';

interface Asset {
  readonly id: string;
  readonly sizeMb: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly unload: Unload | undefined;
  loaded: boolean;
  lastUsed: number;
}

export interface Evicted {
  readonly asset_id: string;
  readonly size_mb: number;
}
export interface AssetsOptions {
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  readonly evicted: (assets: readonly Evicted[]) => void;
}
export interface Sampled {
  readonly metrics: PerfMetrics;
  /** Monotonic. */
  readonly at: number;
  readonly limits: AllLimits;
}

const AT_MOST = 50_000;
/** After a trim that freed nothing, the next waits longer: unloading more of what does not count helps nobody. */
const COOL_MS = { least: 2000, most: 60_000 } as const;

/** Assets that can be loaded again, least recently used first: a map keeps the order of use. */
export class Assets {
  readonly #options: AssetsOptions;
  readonly #assets = new Map<string, Asset>();
  #unload: Unload | undefined;
  #trim: { at: number; ram: number; vram: number; coolMs: number } | undefined;

  constructor(options: AssetsOptions) {
    this.#options = options;
  }

  register({ asset_id: id, size_mb: sizeMb, metadata, unload }: AssetInput): Evicted {
    if (!(Number.isFinite(sizeMb) && sizeMb >= 0)) {
      throw new PlimsollError('PLIMSOLL_BUDGET_INPUT', 'size_mb is not 0 or more');
    }
    if (!this.#assets.delete(id) && this.#assets.size >= AT_MOST)
      throw new PlimsollError('PLIMSOLL_BUDGET_FULL');
    const lastUsed = this.#options.clock.now() / 1000;
    const own = Object.freeze({ ...metadata });
    this.#assets.set(id, { id, sizeMb, metadata: own, unload, loaded: true, lastUsed });
    return { asset_id: id, size_mb: sizeMb };
  }

  /** When it was used last, in seconds since the Unix epoch: now. */
  touch(id: string): number | undefined {
    const asset = this.#assets.get(id);
    if (asset === undefined) return undefined;
    this.#assets.delete(id);
    this.#assets.set(id, asset);
    asset.loaded = true;
    asset.lastUsed = this.#options.clock.now() / 1000;
    return asset.lastUsed;
  }

  evict(targetMb: number): readonly Evicted[] {
    const gone: Asset[] = [];
    let freed = 0;
    for (const asset of this.#assets.values()) {
      if (freed >= targetMb) break;
      if (!asset.loaded) continue;
      asset.loaded = false;
      freed += asset.sizeMb;
      gone.push(asset);
    }
    const evicted = gone.map(({ id, sizeMb }) => ({ asset_id: id, size_mb: sizeMb }));
    for (const asset of gone) this.#call(asset);
    if (evicted.length > 0) this.#options.evicted(evicted);
    return evicted;
  }

  onUnload(unload: Unload): void {
    this.#unload = unload;
  }

  /** Frees the overshoot and the target beyond it; then waits for a new sample, and for the memory to have fallen. */
  trim({ metrics, at, limits }: Sampled): void {
    const { lazy_asset_target_mb: target, max_mem_mb: maxRam, max_vram_mb: maxVram } = limits;
    if (target === 0) return;
    const ram = metrics.mem_used_mb;
    const vram = (metrics.first_gpu ?? metrics.gpus[0])?.mem_used ?? 0;
    const over = Math.max(maxRam > 0 ? ram - maxRam : 0, maxVram > 0 ? vram - maxVram : 0);
    if (over <= 0) return;
    const now = this.#options.clock.monotonic();
    const last = this.#trim;
    if (last !== undefined && (at <= last.at || now - last.at < last.coolMs)) return;
    const helped = last === undefined || ram < last.ram || vram < last.vram;
    const coolMs = helped ? COOL_MS.least : Math.min(COOL_MS.most, last.coolMs * 2);
    if (this.evict(over + target).length > 0) this.#trim = { at: now, ram, vram, coolMs };
  }

  get counts(): { registered: number; loaded: number } {
    let loaded = 0;
    for (const asset of this.#assets.values()) if (asset.loaded) loaded += 1;
    return { registered: this.#assets.size, loaded };
  }

  views(): readonly BudgetAsset[] {
    return [...this.#assets.values()].map(({ id, sizeMb, loaded, lastUsed, metadata }) => ({
      ...{ asset_id: id, size_mb: sizeMb, loaded, last_used: lastUsed, metadata },
    }));
  }

  #call({ id, metadata, unload = this.#unload }: Asset): void {
    if (unload === undefined) return;
    try {
      const ended = unload({ asset_id: id, metadata });
      Promise.resolve(ended).catch(this.#options.onError);
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
