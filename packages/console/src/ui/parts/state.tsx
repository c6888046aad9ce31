import type { ComponentChildren } from 'preact';
import type { Answer } from '../lib/answer.ts';

/** What stands where an answer will be: waiting, a problem with what to do, or that there is nothing. */
export function Waiting<T>({
  answer,
  empty,
  children,
}: {
  answer: Answer<T>;
  empty?: ComponentChildren;
  children?: ComponentChildren;
}) {
  if (answer.error) {
    return (
      <div class="notice problem" role="alert">
        <strong>{answer.error.code.replaceAll('_', ' ')}</strong>
        <p>{answer.error.hint}</p>
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
