import type { Clock } from '../../base/clock.ts';

/**
 * A time of OpenTelemetry's as milliseconds since the epoch: `[seconds, nanoseconds]`, a Date, milliseconds since
 * the epoch, or what `performance.now()` gave. Undefined for anything else, which then is now.
 */
export function toMillis(time: unknown, clock: Clock): number | undefined {
  if (time === undefined || time === null) return undefined;
  const millis = isHrTime(time)
    ? time[0] * 1000 + time[1] / 1e6
    : time instanceof Date
      ? time.getTime()
      : time;
  if (typeof millis !== 'number' || !Number.isFinite(millis) || millis < 0) return undefined;
  // A process is younger than the epoch is old: below its age a number can only be a reading of its own clock.
  return typeof time === 'number' && time <= clock.monotonic() ? clock.epoch(time) : millis;
}

export function isTimeInput(value: unknown): boolean {
  return typeof value === 'number' || value instanceof Date || isHrTime(value);
}

function isHrTime(value: unknown): value is readonly [number, number] {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && typeof value[1] === 'number'
  );
}
