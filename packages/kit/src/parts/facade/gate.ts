export const name = 'facade';

/** Holds the process default, which the first `init` sets: the only state that the facade has. */
export const DEFAULT: unique symbol = Symbol.for('plimsoll.default');

/** Takes the facade's calls, exactly as they were made; it never throws. Absent while the facade records nothing. */
export interface Recorder {
  event(eventName: unknown, properties: unknown): void;
  metric(metricName: unknown, value: unknown, tags: unknown): void;
  timing(operationName: unknown, durationMs: unknown, tags: unknown): void;
}

/** The default of this process, or undefined before the first `init` that was on. */
export function defaultObs(): object | undefined {
  return (globalThis as { readonly [DEFAULT]?: object })[DEFAULT];
}

/** What every copy of this module shares; `recorder` is set while the default records. */
export interface Facade {
  recorder: Recorder | undefined;
}
const FACADE: unique symbol = Symbol.for('plimsoll.facade');

/** Made once for the process: whoever is loaded first makes it, and the calls below read one property of it. */
export const shared: Facade = sharedFacade();

function sharedFacade(): Facade {
  const holder = globalThis as { [FACADE]?: Facade };
  const made = holder[FACADE] ?? Object.seal<Facade>({ recorder: undefined });
  holder[FACADE] = made;
  return made;
}

/** What the values of properties and tags may be; others are made into text or cut. */
export type TrackFields = Readonly<Record<string, unknown>>;

/**
 * Something happened. Counted as `telemetry_events_total{event}`; logged and traced with its properties, which are
 * redacted first. Never throws; does nothing until `init` has run with TELEMETRY_ENABLED on, and a backend named.
 */
export function track_event(event_name: string, properties?: TrackFields | null): void {
  shared.recorder?.event(event_name, properties);
}

/**
 * Something has this value now. Kept as the gauge `telemetry_metric{name}`; logged and traced with its tags.
 * A name is a constant of the code, never an id: the values of a label are capped. Never throws.
 */
export function track_metric(metric_name: string, value: number, tags?: TrackFields | null): void {
  shared.recorder?.metric(metric_name, value, tags);
}

/**
 * Something took this many milliseconds and ended now. Observed, in seconds, by
 * `telemetry_operation_duration_seconds{operation}`; a span of its own in traces. Never throws.
 */
export function track_timing(operation_name: string, duration_ms: number, tags?: TrackFields | null): void {
  shared.recorder?.timing(operation_name, duration_ms, tags);
}
