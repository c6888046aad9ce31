import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, ask, signedOut } from './api.ts';

export interface Answer<T> {
  readonly data?: T;
  readonly error?: ApiError;
  readonly loading: boolean;
}

interface Run {
  base: string;
  busy: boolean;
  wanted: string | undefined;
  abort: AbortController;
}

/**
 * The answer to a path, asked again when the path changes. `base` is what it is about: while only the rest changes
 * (a live range that moves on), the last answer stays on the screen, and a request under way is let finish.
 */
export function useAnswer<T>(path: string | undefined, base = path ?? ''): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ loading: true });
  const run = useRef<Run>({ base: '', busy: false, wanted: undefined, abort: new AbortController() });
  const out = signedOut.value;
  useEffect(() => {
    const now = run.current;
    if (path === undefined || out) return;
    if (now.base !== base) {
      now.abort.abort();
      run.current = { base, busy: false, wanted: path, abort: new AbortController() };
      setAnswer({ loading: true });
    } else now.wanted = path;
    void drain(run.current, setAnswer);
  }, [path, base, out]);
  useEffect(() => () => run.current.abort.abort(), []);
  return answer;
}

async function drain<T>(run: Run, set: (answer: Answer<T>) => void): Promise<void> {
  if (run.busy) return;
  run.busy = true;
  while (run.wanted !== undefined && !run.abort.signal.aborted) {
    const path = run.wanted;
    run.wanted = undefined;
    try {
      const data = await ask<T>(path, { signal: run.abort.signal });
      if (!run.abort.signal.aborted) set({ data, loading: false });
    } catch (error) {
      if (run.abort.signal.aborted) break;
      set({ error: error instanceof ApiError ? error : new ApiError(0, {}), loading: false });
    }
  }
  run.busy = false;
}
