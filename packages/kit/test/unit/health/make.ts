import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHealth } from '../../../src/signals/health/health.ts';
import type { CheckFn, Health } from '../../../src/signals/health/types.ts';

export interface Seen {
  readonly up: Map<string, number>;
  readonly latency: Map<string, number[]>;
  readonly failures: string[];
}

export function make(t: TestContext, intervalMs = 15): { health: Health; seen: Seen } {
  const seen: Seen = { up: new Map(), latency: new Map(), failures: [] };
  const health = createHealth({
    intervalMs,
    timeoutMs: 1000,
    clock: { monotonic: () => performance.now() },
    metrics: {
      gauge: name => ({ handle: () => ({ set: value => void seen.up.set(name, value) }) }),
      summary: name => ({
        handle: () => ({
          observe: value => void seen.latency.set(name, [...(seen.latency.get(name) ?? []), value]),
        }),
      }),
    },
    onFailure: (name, text) => seen.failures.push(`${name}: ${text}`),
    clean: own => JSON.parse(JSON.stringify(own).replaceAll(/\w+@\w+/g, '[email]')),
  });
  t.after(() => health.stop());
  return { health, seen };
}

/** Waits for the background rounds; how long they take is not asserted. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

export const hang: CheckFn = () => new Promise(() => {});
