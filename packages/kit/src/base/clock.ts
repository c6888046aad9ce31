/** Time as this kit sees it, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch, with fractions; never runs backwards within a request. */
  now(): number;
  /** Monotonic milliseconds, for durations only. */
  monotonic(): number;
}

export const systemClock: Clock = {
  // timeOrigin + now() drifts from the wall clock over days of suspend; Date.now() keeps it honest.
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
