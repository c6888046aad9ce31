/** Time as one kit sees it, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch, with fractions. */
  now(): number;
  /** Monotonic milliseconds, for durations. */
  monotonic(): number;
  /** The epoch time of a monotonic reading, so that a start and a duration need one reading each. */
  epoch(monotonic: number): number;
}

/** A wall clock that moved by more than this, in ms, is followed; less is the millisecond step of Date.now. */
const STEP_MS = 5;
const CHECK_EVERY_MS = 1000;

/**
 * The wall clock with the resolution of the monotonic one (spans shorter than a millisecond need it).
 * It follows the system's clock when that is set or the machine slept.
 */
export function systemClock(): Clock {
  // The global is a getter.
  const timer = performance;
  let offset = Date.now() - timer.now();
  let nextCheck = 0;
  const epoch = (monotonic: number): number => {
    if (monotonic > nextCheck) {
      nextCheck = monotonic + CHECK_EVERY_MS;
      const drift = Date.now() - (offset + timer.now());
      if (Math.abs(drift) > STEP_MS) offset += drift;
    }
    return offset + monotonic;
  };
  return { now: () => epoch(timer.now()), monotonic: () => timer.now(), epoch };
}
