import type { HealthCheck, HealthStatus, ServiceHealth } from '@plimsoll/wire';
import type { Store } from '../store/types.ts';
import { askTarget } from './ops-ask.ts';
import type { Target, Targets } from './targets.ts';

const HISTORY = 120;
/** A page asks every few seconds; a minute after the last one nobody looks, and the services are left in peace. */
const WATCHED_MS = 60_000;
const UNKNOWN: ServiceHealth = { status: 'unknown', checks: [], history: [] };

export interface HealthWatchOptions {
  readonly store: Store;
  readonly targets: Targets;
  readonly intervalMs: number;
}

/** Asks each service that has an address for its health, while somebody looks, and keeps the last answers. */
export class HealthWatch {
  readonly #options: HealthWatchOptions;
  readonly #known = new Map<string, ServiceHealth>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #lookedAt = 0;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
  }

  /** The last known health of every service. The first look waits for the first round. */
  async look(): Promise<(service: string) => ServiceHealth> {
    this.#lookedAt = performance.now();
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#tick(), this.#options.intervalMs).unref();
      await this.#ask();
    }
    return service => this.#known.get(service) ?? UNKNOWN;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (performance.now() - this.#lookedAt > WATCHED_MS) this.close();
    else this.#ask().catch(() => {});
  }

  #ask(): Promise<void> {
    this.#round ??= this.#all().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async #all(): Promise<void> {
    const { store, targets } = this.#options;
    const seen = new Map((await store.services()).map(row => [row.service, row.resource]));
    const names = new Set([...targets.names(), ...seen.keys()]);
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
    await Promise.all(
      [...names].map(async name => {
        const target = targets.of(name, seen.get(name) ?? {});
        if (target) this.#keep(name, await healthOf(target));
      }),
    );
  }

  #keep(service: string, { status, checks }: Pick<ServiceHealth, 'status' | 'checks'>): void {
    const time = Date.now();
    const history = [...(this.#known.get(service)?.history ?? []), { time, status }].slice(-HISTORY);
    this.#known.set(service, { status, time, checks, history });
  }
}

const HEALTH = { path: '/health', search: '', method: 'GET', timeoutMs: 10_000, atMost: 1024 * 1024 };

async function healthOf(target: Target): Promise<Pick<ServiceHealth, 'status' | 'checks'>> {
  try {
    const response = await askTarget(target, HEALTH);
    const body: unknown = await response.json();
    return { status: statusOf(body), checks: checksOf(body) };
  } catch {
    return { status: 'unreachable', checks: [] };
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function statusOf(body: unknown): HealthStatus {
  const { status } = record(body);
  return status === 'ok' || status === 'degraded' ? status : 'unreachable';
}

/** Only what is known is taken over: a check's extras are the service's own words. */
function checksOf(body: unknown): readonly HealthCheck[] {
  return Object.entries(record(record(body)['checks'])).map(([name, given]) => {
    const { ok, latency_ms: latency, age_ms: age, error } = record(given);
    return {
      name,
      ok: ok === true,
      ...(typeof latency === 'number' && { latencyMs: latency }),
      ...((typeof age === 'number' || age === null) && { ageMs: age }),
      ...(typeof error === 'string' && { error: error.slice(0, 200) }),
    };
  });
}
