import { flat } from '@plimsoll/privacy';
import {
  type Attributes,
  HTTP_DURATION,
  HTTP_METHODS,
  HTTP_REQUESTS,
  renderAttributes,
  SPAN_ATTRIBUTES,
} from '@plimsoll/wire';
import type { KitCore } from '../../kernel/kit.ts';
import type { Counter, CounterHandle, Histogram, HistogramHandle } from '../../signals/metrics/types.ts';
import { renderSpan, type SpanTemplate } from './server-span.ts';

/** Templates at most: an app that names routes with raw paths must not fill the memory. */
const MAX_ROUTES = 2000;
export const UNMATCHED = 'unmatched';
const OVERFLOW = 'other';

/** Free text in a label is a series of its own for every scanner that comes by. */
export function normalMethod(method: string | undefined): string {
  return method !== undefined && HTTP_METHODS.has(method) ? method : 'OTHER';
}

/** Everything about one (route, method, status) that can be said before a request comes. */
export interface StatusHandles {
  readonly requests: CounterHandle;
  /** `","route":"…","method":"…","status":200,"latency_ms":`; the quotes end the last of the ids. */
  readonly line: string;
  readonly span: SpanTemplate;
}

export interface MethodHandles {
  readonly duration: HistogramHandle;
  readonly byStatus: (StatusHandles | undefined)[];
  readonly method: string;
}

export interface RouteHandles {
  readonly template: string;
  readonly byMethod: Map<string, MethodHandles>;
}

/** Builds and keeps the handles of routes; an adapter asks once per route object and keeps the answer. */
export class HandleTable {
  readonly #requests: Counter<'route' | 'method' | 'status'>;
  readonly #duration: Histogram<'route' | 'method'>;
  readonly #routes = new Map<string, RouteHandles>();
  readonly #kit: KitCore;
  readonly #semconv: 'stable' | 'seed' | 'both';
  readonly unmatched: RouteHandles;

  constructor(kit: KitCore) {
    this.#kit = kit;
    this.#semconv = kit.config.get('trace.semconv');
    this.#requests = kit.metrics.counter(HTTP_REQUESTS.name, HTTP_REQUESTS);
    this.#duration = kit.metrics.histogram(HTTP_DURATION.name, HTTP_DURATION);
    this.unmatched = this.route(UNMATCHED);
  }

  route(template: string): RouteHandles {
    const known = this.#routes.get(template);
    if (known !== undefined) return known;
    if (this.#routes.size >= MAX_ROUTES && template !== OVERFLOW) return this.route(OVERFLOW);
    // Every sink shows it, and a service may name routes with data in them.
    const shown = this.#kit.privacy.text(template, 'labels');
    const handles = { template: shown, byMethod: new Map<string, MethodHandles>() };
    this.#routes.set(template, handles);
    return handles;
  }

  method(route: RouteHandles, method: string): MethodHandles {
    const known = route.byMethod.get(method);
    if (known !== undefined) return known;
    const duration = this.#duration.handle({ route: route.template, method });
    const handles = { duration, byStatus: [], method };
    route.byMethod.set(method, handles);
    return handles;
  }

  status(route: RouteHandles, method: MethodHandles, status: number): StatusHandles {
    const known = method.byStatus[status];
    if (known !== undefined) return known;
    const { template } = route;
    const quoted = this.#kit.core.log.quote(template);
    const handles: StatusHandles = {
      requests: this.#requests.handle({ route: template, method: method.method, status: String(status) }),
      line: flat(`","route":${quoted},"method":"${method.method}","status":${status},"latency_ms":`),
      span: this.#renderSpan(template, method.method, status),
    };
    method.byStatus[status] = handles;
    return handles;
  }

  /** The attributes that every request span has. The path is the template: ids in paths are personal. */
  attributes(template: string, method: string, status: number): Attributes {
    const route: Attributes = template === UNMATCHED ? {} : { 'http.route': template };
    const stable = {
      'http.request.method': method === 'OTHER' ? '_OTHER' : method,
      'http.response.status_code': status,
      'url.scheme': 'http',
      'url.path': template === UNMATCHED ? '/' : template,
      ...(status >= 500 && { 'error.type': String(status) }),
    };
    const seed = { 'http.method': method, 'http.status_code': status };
    return {
      ...route,
      ...(this.#semconv !== 'seed' && stable),
      ...(this.#semconv !== 'stable' && seed),
    };
  }

  name(template: string, method: string): string {
    const verb = method === 'OTHER' ? 'HTTP' : method;
    return template === UNMATCHED ? verb : `${verb} ${template}`;
  }

  #renderSpan(template: string, method: string, status: number): SpanTemplate {
    const attributes = renderAttributes(this.attributes(template, method, status), SPAN_ATTRIBUTES);
    return renderSpan(renderSpanTail(this.name(template, method), attributes, status >= 500));
  }
}

/** Fields 5 (name), 6 (kind server), 9 (attributes) and 15 (status) of an OTLP span. */
function renderSpanTail(name: string, attributes: Uint8Array, failed: boolean): Uint8Array {
  const text = new TextEncoder().encode(name.slice(0, 120).toWellFormed());
  const status = failed ? [0x7a, 2, 0x18, 2] : [];
  const length = text.length < 128 ? [text.length] : [(text.length & 0x7f) | 0x80, text.length >> 7];
  return Uint8Array.from([0x2a, ...length, ...text, 0x30, 2, ...attributes, ...status]);
}
