import { PlimsollError } from '../../base/errors.ts';
import type { OptionValue } from '../../config/load.ts';
import type { Kit, Part, Teardown } from '../../kernel/part.ts';
import type { Backend } from './backend.ts';
import { defaultObs, name, type Recorder } from './gate.ts';

type Load = (kit: Kit) => Promise<Backend>;

const prom: Load = async kit => (await import('./prom.ts')).promBackend(kit);
const otel: Load = async kit => (await import('./otel.ts')).otelBackend(kit);

const BACKENDS: Readonly<Record<OptionValue<'telemetry.backend'>, readonly Load[]>> = {
  noop: [],
  prom: [prom],
  otel: [otel],
  hybrid: [prom, otel],
};

/** Longer names are cut. */
const MAX_NAME = 128;

/** Gives `plimsoll/telemetry` somewhere to put its calls. Used only where `telemetry.enabled` is on. */
export const facade: Part = { name, setup };

async function setup(kit: Kit): Promise<Teardown | undefined> {
  // The facade speaks to the first kit of the process; a second `init` has nothing to set up.
  if (defaultObs() !== undefined) return undefined;
  const chosen = kit.config.get('telemetry.backend');
  const log = kit.log.named('telemetry');
  const backends: Backend[] = [];
  for (const load of BACKENDS[chosen]) {
    try {
      backends.push(await load(kit));
    } catch (err) {
      log.warn({ backend: chosen, err }, 'telemetry_backend_unavailable');
    }
  }
  if ((chosen === 'prom' || chosen === 'hybrid') && !kit.config.get('metrics.enabled')) {
    log.warn({ backend: chosen, option: 'metrics.enabled' }, 'telemetry_backend_needs_option');
  }
  log.info(`telemetry initialized (${chosen})`);
  if (backends.length === 0) return undefined;
  const recorder = new Guard(backends, kit);
  return kit.expose(name, () => recorder);
}

/** Checks names and numbers, and keeps what a backend throws from the caller and from the other backend. */
class Guard implements Recorder {
  readonly #backends: readonly Backend[];
  readonly #log: Kit['log'];
  readonly #warned = new Set<string>();

  constructor(backends: readonly Backend[], kit: Kit) {
    this.#backends = backends;
    this.#log = kit.log.named('telemetry');
  }

  event(eventName: unknown, properties: unknown): void {
    this.#each('track_event', backend => backend.event(nameOf(eventName), properties));
  }

  metric(metricName: unknown, value: unknown, tags: unknown): void {
    this.#each('track_metric', backend => backend.metric(nameOf(metricName), numberOf(value), tags));
  }

  timing(operationName: unknown, durationMs: unknown, tags: unknown): void {
    this.#each('track_timing', backend =>
      backend.timing(nameOf(operationName), durationOf(durationMs), tags),
    );
  }

  #each(call: string, record: (backend: Backend) => void): void {
    for (const backend of this.#backends) {
      try {
        record(backend);
      } catch (err) {
        this.#warn(call, backend.name, err);
      }
    }
  }

  /** Once for each function and backend: a call that fails fails often. */
  #warn(call: string, backend: string, err: unknown): void {
    const key = `${call} ${backend}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.#log.warn({ call, backend, err }, 'telemetry_call_failed');
  }
}

function nameOf(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value.slice(0, MAX_NAME);
  throw new PlimsollError('PLIMSOLL_BAD_TELEMETRY', 'the name is no text, or empty');
}

function numberOf(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new PlimsollError('PLIMSOLL_BAD_TELEMETRY', 'the value is no finite number');
}

function durationOf(value: unknown): number {
  const durationMs = numberOf(value);
  if (durationMs >= 0) return durationMs;
  throw new PlimsollError('PLIMSOLL_BAD_TELEMETRY', 'the duration is below 0');
}
