import { signal } from '@preact/signals';

/** True once an answer said that a token is needed. */
export const signedOut = signal(false);

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, { code = 'unreachable', hint = '' }: { code?: string; hint?: string }) {
    super(code);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** Asks the console's API; `path` is below `/api/console`. Throws `ApiError`. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/console${path}`, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, { hint: 'The console does not answer. Is it still running?' });
  }
  if (response.ok) return (await response.json()) as T;
  if (response.status === 401 && !path.startsWith('/session')) signedOut.value = true;
  throw new ApiError(
    response.status,
    (await response.json().catch(() => ({}))) as { code?: string; hint?: string },
  );
}

export async function signIn(token: string): Promise<void> {
  await ask('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  signedOut.value = false;
}

export function search(
  values: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') text.append(name, String(one));
    }
  }
  return text.size > 0 ? `?${text}` : '';
}
