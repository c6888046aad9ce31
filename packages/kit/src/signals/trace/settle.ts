import type { Span } from './types.ts';

/** Runs `run` and ends the span when it, or its promise, is through; what it throws is recorded and thrown on. */
export function settle<R>(span: Span, run: (span: Span) => R): R {
  let result: R;
  try {
    result = run(span);
  } catch (error) {
    span.recordException(error).end();
    throw error;
  }
  if (typeof (result as { then?: unknown } | undefined)?.then !== 'function') {
    span.end();
    return result;
  }
  return (result as unknown as Promise<unknown>).then(
    value => {
      span.end();
      return value;
    },
    error => {
      span.recordException(error).end();
      throw error;
    },
  ) as R;
}
