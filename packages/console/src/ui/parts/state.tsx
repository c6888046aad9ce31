import type { ComponentChildren } from 'preact';
import { type OpsProblem, wordsOf } from '../lib/ops.ts';

/** An answer of the console (`useAnswer`) or of a service (`useOps`). */
interface Awaited {
  readonly data?: unknown;
  readonly error?: { readonly code: string; readonly hint: string };
  readonly problem?: OpsProblem;
  readonly loading: boolean;
}

/** What stands where an answer will be: waiting, a problem with what to do, or that there is nothing. */
export function Waiting({
  answer,
  empty,
  children,
}: {
  answer: Awaited;
  empty?: ComponentChildren;
  children?: ComponentChildren;
}) {
  const error = answer.error ?? answer.problem;
  if (error) {
    return (
      <div class="notice problem" role="alert">
        <strong>{error.code.replaceAll('_', ' ')}</strong>
        <p>{answer.problem ? wordsOf(answer.problem) : error.hint}</p>
      </div>
    );
  }
  if (answer.loading && answer.data === undefined)
    return (
      <div class="notice" aria-busy="true">
        Loading…
      </div>
    );
  return empty ? <div class="notice">{empty}</div> : children;
}
