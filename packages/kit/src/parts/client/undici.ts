import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Span } from '../../signals/trace/types.ts';
import type { ClientSpans } from './spans.ts';

/** The slice of undici's request that its channels publish; the copy inside Node publishes the same. */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly path: string;
  readonly method: string;
  /** Names and values in turn, or, in older versions, the text of the head. */
  readonly headers: readonly unknown[] | string;
  addHeader?(name: string, value: string): unknown;
}

/** `fetch` and undici. Returns what ends the watching. */
export function watchUndici(spans: ClientSpans): () => void {
  const open = new WeakMap<UndiciRequest, Span>();
  const close = (request: UndiciRequest): Span | undefined => {
    const span = open.get(request);
    open.delete(request);
    return span;
  };
  const listeners: Record<string, (message: unknown) => void> = {
    'undici:request:create': message => {
      if (spans.tracedBy('undici')) return;
      const { request } = message as { request: UndiciRequest };
      const { protocol, host } = new URL(request.origin);
      const free = request.addHeader && !carriesTrace(request.headers);
      const span = spans.start(
        { method: request.method, protocol, host, path: request.path },
        free ? (name, value) => request.addHeader?.(name, value) : undefined,
      );
      open.set(request, span);
    },
    'undici:request:headers': message => {
      const { request, response } = message as { request: UndiciRequest; response: { statusCode: number } };
      const span = open.get(request);
      if (span) spans.answered(span, response.statusCode);
    },
    'undici:request:trailers': message => {
      close((message as { request: UndiciRequest }).request)?.end();
    },
    'undici:request:error': message => {
      const { request, error } = message as { request: UndiciRequest; error: unknown };
      const span = close(request);
      if (!span) return;
      spans.failed(span, error);
      span.end();
    },
  };
  for (const channel in listeners) subscribe(channel, listeners[channel]!);
  return () => {
    for (const channel in listeners) unsubscribe(channel, listeners[channel]!);
  };
}

/** Someone else propagates already: two traceparent headers would make both invalid. */
function carriesTrace(headers: UndiciRequest['headers']): boolean {
  if (typeof headers === 'string') return /^traceparent:/im.test(headers);
  return headers.some((name, at) => at % 2 === 0 && String(name).toLowerCase() === 'traceparent');
}
