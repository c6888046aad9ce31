import { ApiError } from './api.ts';

/** A refusal of a service's ops API, or of the console on the way there (RFC 9457). */
export interface OpsProblem {
  /** 0 where the console itself did not answer. */
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint: string;
  readonly requestId?: string;
  readonly errors: readonly { readonly field: string; readonly code: string }[];
  readonly retryAfterS?: number;
}

export type OpsResult<T> =
  | { readonly ok: true; readonly status: number; readonly data: T }
  | { readonly ok: false; readonly problem: OpsProblem };

export type OpsQuery = Readonly<Record<string, string | number | boolean | undefined>>;

export interface OpsSocket {
  /** As JSON. */
  send(value: unknown): void;
  close(): void;
}

export interface SocketEvents {
  onMessage(value: unknown): void;
  /** `lost` where the end was not asked for; it is not opened again by itself. */
  onState?(state: 'open' | 'lost' | 'closed', reason?: string): void;
}

/** The ops API of one service, through the console's proxy. A refusal is a result; nothing here throws. */
export interface Ops {
  get<T>(path: string, query?: OpsQuery): Promise<OpsResult<T>>;
  post<T>(path: string, body?: unknown): Promise<OpsResult<T>>;
  put<T>(path: string, body?: unknown): Promise<OpsResult<T>>;
  delete<T>(path: string, body?: unknown): Promise<OpsResult<T>>;
  /** A file as it is. */
  upload<T>(path: string, file: Blob, query?: OpsQuery): Promise<OpsResult<T>>;
  /** Saves the answer as a file: by the name that the service gives it, else `name`. */
  download(path: string, name: string, query?: OpsQuery): Promise<OpsResult<{ readonly bytes: number }>>;
  socket(path: string, events: SocketEvents, query?: OpsQuery): OpsSocket;
}

export function ops(service: string): Ops {
  const base = `/api/console/ops/${encodeURIComponent(service)}`;
  const withBody = (method: string) => (path: string, body?: unknown) =>
    ask(base + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
  return {
    get: (path, query) => ask(base + path + search(query), {}),
    post: withBody('POST') as Ops['post'],
    put: withBody('PUT') as Ops['put'],
    delete: withBody('DELETE') as Ops['delete'],
    upload: (path, file, query) =>
      ask(base + path + search(query), {
        method: 'POST',
        headers: { 'content-type': file.type || 'application/octet-stream' },
        body: file,
      }),
    async download(path, name, query) {
      const response = await send(base + path + search(query), { headers: { accept: '*/*' } });
      if (!(response instanceof Response)) return response;
      try {
        const blob = await response.blob();
        save(blob, fileName(response) ?? name);
        return { ok: true, status: response.status, data: { bytes: blob.size } };
      } catch {
        return broken('The file broke off on its way.');
      }
    },
    socket: (path, events, query) =>
      openSocket(`${location.origin.replace(/^http/, 'ws')}${base}${path}${search(query)}`, events),
  };
}

/** For a place that shows what went wrong: the problem's hint, else its detail. */
export function wordsOf({ code, hint, detail, errors }: OpsProblem): string {
  const fields = errors.map(error => `${error.field || 'body'} (${error.code})`).join(', ');
  return [fields || (detail === code ? '' : detail), hint].filter(Boolean).join('. ') || code;
}

/** The way of panels that show an answer by `useAnswer`. */
export function toApiError({ status, code, hint }: OpsProblem): ApiError {
  return new ApiError(status, { code, hint });
}

async function ask<T>(url: string, init: RequestInit): Promise<OpsResult<T>> {
  const response = await send(url, init);
  if (!(response instanceof Response)) return response;
  const text = await response.text().catch(() => undefined);
  if (text === undefined) return broken('The answer broke off on its way.');
  const json = (response.headers.get('content-type') ?? '').includes('json');
  try {
    const data = (json && text !== '' ? JSON.parse(text) : text) as T;
    return { ok: true, status: response.status, data };
  } catch {
    return broken('The answer is not the JSON that it says it is.');
  }
}

async function send(
  url: string,
  init: RequestInit,
): Promise<Response | Extract<OpsResult<never>, { ok: false }>> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch {
    return broken('The console does not answer. Is it still running?');
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (name: string) => (typeof body[name] === 'string' ? (body[name] as string) : '');
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  const problem: OpsProblem = {
    status: response.status,
    code: text('code') || `http_${response.status}`,
    detail: text('detail'),
    hint: text('hint'),
    errors: Array.isArray(body['errors']) ? (body['errors'] as OpsProblem['errors']) : [],
    ...(text('request_id') && { requestId: text('request_id') }),
    ...(after >= 0 && { retryAfterS: after }),
  };
  return { ok: false, problem };
}

function broken(hint: string): Extract<OpsResult<never>, { ok: false }> {
  return { ok: false, problem: { status: 0, code: 'unreachable', detail: '', hint, errors: [] } };
}

function search(query: OpsQuery = {}): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) text.set(name, String(value));
  return text.size > 0 ? `?${text}` : '';
}

const fileName = (response: Response): string | undefined =>
  /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function openSocket(url: string, { onMessage, onState }: SocketEvents): OpsSocket {
  const socket = new WebSocket(url);
  let asked = false;
  socket.onopen = () => onState?.('open');
  socket.onmessage = event => {
    try {
      onMessage(JSON.parse(String(event.data)));
    } catch {
      onMessage(event.data);
    }
  };
  socket.onclose = event => onState?.(asked ? 'closed' : 'lost', event.reason);
  return {
    send(value) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(value));
    },
    close() {
      asked = true;
      socket.close();
    },
  };
}
