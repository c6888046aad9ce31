import { type Attributes, HTTP_METHODS } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import type { Carrier, Span } from '../../signals/trace/types.ts';

export interface Outgoing {
  readonly method: string;
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** With a port where it is not the protocol's own. */
  readonly host: string;
  /** With its query, which no span shows. */
  readonly path: string;
}

/** The client spans of OpenTelemetry's HTTP conventions, whatever library makes the request. */
export class ClientSpans {
  readonly #kit: Kit;
  readonly #semconv: 'stable' | 'seed' | 'both';

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#semconv = kit.config.get('trace.semconv');
  }

  /** True where an instrumentation of OpenTelemetry feeds this kit with the same requests: two spans would be one too many. */
  tracedBy(instrumentation: string): boolean {
    const names = this.#kit.read<ReadonlySet<string>>('otel-api');
    return names?.has(`@opentelemetry/instrumentation-${instrumentation}`) === true;
  }

  /** Starts a span under the active one, and gives the headers that carry its context to `set`. */
  start(outgoing: Outgoing, set: ((name: string, value: string) => void) | undefined): Span {
    const known = HTTP_METHODS.has(outgoing.method);
    const span = this.#kit.trace.start(known ? outgoing.method : 'HTTP', {
      kind: 'client',
      attributes: this.#attributes(outgoing, known),
    });
    if (set) {
      const carrier: Carrier = {};
      this.#kit.trace.with(span, () => this.#kit.trace.inject(carrier));
      for (const name in carrier) {
        const value = carrier[name];
        if (typeof value === 'string') set(name, value);
      }
    }
    return span;
  }

  answered(span: Span, status: number): void {
    if (this.#semconv !== 'seed') span.setAttribute('http.response.status_code', status);
    if (this.#semconv !== 'stable') span.setAttribute('http.status_code', status);
    if (status >= 400) span.setAttribute('error.type', String(status)).setStatus('error');
  }

  /** The type alone: a message may hold an address or a path. */
  failed(span: Span, error: unknown): void {
    const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
    span
      .setAttribute('error.type', String(typeof code === 'string' ? code : (name ?? 'error')))
      .setStatus('error');
  }

  #attributes({ method, protocol, host, path }: Outgoing, known: boolean): Attributes {
    const url = `${protocol}//${host}${path}`;
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    const port = parsed?.port || (protocol === 'https:' ? '443' : '80');
    return {
      ...(this.#semconv !== 'seed' && { 'http.request.method': known ? method : '_OTHER' }),
      ...(this.#semconv !== 'stable' && { 'http.method': known ? method : '_OTHER' }),
      'server.address': parsed?.hostname ?? host,
      'server.port': Number(port),
      ...(parsed && { 'url.full': this.#kit.privacy.url(url) }),
    };
  }
}
