import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { UNOBSERVED } from '../../base/unobserved.ts';
import type { Span } from '../../signals/trace/types.ts';
import type { ClientSpans } from './spans.ts';

type Request = ClientRequest & { readonly agent?: object; readonly socketPath?: string };

/** The client of node:http and node:https. Returns what ends the watching. */
export function watchHttp(spans: ClientSpans): () => void {
  const open = new WeakMap<ClientRequest, Span>();
  const onCreated = (message: unknown): void => {
    const { request } = message as { request: Request };
    if (request.agent && UNOBSERVED in request.agent) return;
    if (spans.tracedBy('http')) return;
    // Headers given as a list, or a wait for 100-continue, are on their way already.
    const free = !request.headersSent && !request.hasHeader('traceparent');
    const span = spans.start(
      { method: request.method, protocol: request.protocol, host: hostOf(request), path: request.path },
      free ? (name, value) => request.setHeader(name, value) : undefined,
    );
    open.set(request, span);
    // It comes last, whatever happened: after the body, an error, an abort, an upgrade.
    request.once('close', () => {
      const { errored } = (request as { res?: IncomingMessage }).res ?? {};
      if (errored) spans.failed(span, errored);
      span.end();
    });
  };
  // Despite its name it is published when the head of the answer is there.
  const onAnswer = (message: unknown): void => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const span = open.get(request);
    if (span) spans.answered(span, response.statusCode ?? 0);
  };
  const onError = (message: unknown): void => {
    const { request, error } = message as { request: ClientRequest; error: unknown };
    const span = open.get(request);
    if (span) spans.failed(span, error);
  };
  subscribe('http.client.request.created', onCreated);
  subscribe('http.client.response.finish', onAnswer);
  subscribe('http.client.request.error', onError);
  return () => {
    unsubscribe('http.client.request.created', onCreated);
    unsubscribe('http.client.response.finish', onAnswer);
    unsubscribe('http.client.request.error', onError);
  };
}

/** The Host header has the port where it matters; a request over a socket file has no other name. */
function hostOf(request: Request): string {
  const header = request.getHeader('host');
  return typeof header === 'string' && !request.socketPath ? header : request.host;
}
