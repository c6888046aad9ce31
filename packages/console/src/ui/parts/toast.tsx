import { signal } from '@preact/signals';
import { type OpsProblem, wordsOf } from '../lib/ops.ts';

interface Said {
  readonly id: number;
  readonly kind: 'good' | 'bad';
  readonly text: string;
  readonly more: string;
}

const SHOWN_MS = { good: 4000, bad: 10_000 } as const;
const AT_MOST = 4;
const said = signal<readonly Said[]>([]);
let last = 0;

/** Says shortly that something was done. */
export function toast(text: string): void {
  add({ kind: 'good', text, more: '' });
}

/** Says that something was refused, and what to do. */
export function toastProblem(problem: OpsProblem): void {
  add({ kind: 'bad', text: problem.code.replaceAll('_', ' '), more: wordsOf(problem) });
}

function add(one: Omit<Said, 'id'>): void {
  const id = ++last;
  said.value = [...said.value, { ...one, id }].slice(-AT_MOST);
  setTimeout(() => remove(id), SHOWN_MS[one.kind]);
}

function remove(id: number): void {
  said.value = said.value.filter(one => one.id !== id);
}

/** Where they show; the shell has one. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said.value.map(({ id, kind, text, more }) => (
        <div key={id} class={`toast ${kind}`}>
          <p>
            <strong>{text}</strong>
            {more && <span class="toast-more">{more}</span>}
          </p>
          <button type="button" class="quiet" aria-label="Dismiss" onClick={() => remove(id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}
