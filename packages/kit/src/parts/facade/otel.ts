import type { Attributes, AttributeValue } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import type { Backend } from './backend.ts';

/** As many as a span takes; the redactor cuts further. */
const MAX_FIELDS = 128;

/**
 * Into traces and logs: an event on the active span, and an info line. Outside of any span a call is a span of its
 * own, without length, so that what a worker tracks is found in traces too; the line then carries that span's ids.
 */
export function otelBackend({ clock, log, trace }: Kit): Backend {
  const lines = log.named('telemetry');

  const point = (title: string, attributes: Attributes, write: () => void): void => {
    const active = trace.active();
    if (active === undefined) trace.span(title, { attributes }, write);
    else {
      active.addEvent(title, attributes);
      write();
    }
  };

  return {
    name: 'otel',
    event(event, given) {
      const properties = copy(given);
      point(event, properties ?? {}, () =>
        lines.info({ event, ...(properties && { properties }) }, 'telemetry_event'),
      );
    },
    metric(metric, value, given) {
      const tags = copy(given);
      const attributes = { ...tags, 'telemetry.metric': metric, 'telemetry.value': value };
      point('telemetry_metric', attributes, () =>
        lines.info({ metric, value, ...(tags && { tags }) }, 'telemetry_metric'),
      );
    },
    timing(operation, durationMs, given) {
      const tags = copy(given);
      const endTime = clock.now();
      const attributes = { ...tags, 'telemetry.duration_ms': durationMs };
      const span = trace.start(operation, { startTime: endTime - durationMs, attributes });
      trace.with(span, () =>
        lines.info({ operation, duration_ms: durationMs, ...(tags && { tags }) }, 'telemetry_timing'),
      );
      span.end(endTime);
    },
  };
}

/**
 * Reads the caller's object once, so that log and span say the same, and one getter that throws costs one value.
 * The redactor, which stands before both sinks, makes clean and bounds what is in it.
 */
function copy(given: unknown): Attributes | undefined {
  if (given === null || typeof given !== 'object') return undefined;
  const fields = given as Readonly<Record<string, AttributeValue>>;
  const own: Record<string, AttributeValue> = Object.create(null);
  for (const key of Object.keys(fields).slice(0, MAX_FIELDS)) {
    try {
      own[key] = fields[key] as AttributeValue;
    } catch {
      own[key] = '[unreadable]';
    }
  }
  return own;
}
