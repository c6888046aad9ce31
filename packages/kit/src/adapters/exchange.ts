import type { IncomingMessage } from 'node:http';
import { flat } from '@plimsoll/privacy';
import type { Level } from '@plimsoll/wire';
import { UuidPool } from '../base/pool.ts';
import type { KitCore } from '../kernel/kit.ts';
import { formatTraceparent, parseBaggage } from '../signals/context/w3c.ts';
import { REQUEST_LOGGER } from '../signals/log/core.ts';
import type { Heads } from '../signals/log/heads.ts';
import { renderMillis } from '../signals/log/line.ts';
import type { RecordingSpan } from '../signals/trace/span.ts';
import { HandleTable, normalMethod, type RouteHandles } from './exchange/handles.ts';
import { REQUEST_FIELDS, type RequestLine, requestRecord } from './exchange/record.ts';
import { Exchange } from './exchange/request.ts';
import { type SpanTemplate, writeServerSpan } from './exchange/server-span.ts';

/** What may come from outside as an id: it goes into headers, logs and answers (http-middleware, W5). */
const SAFE_ID = /^[A-Za-z0-9._:-]{1,128}$/;
const CLIENT_CLOSED = 499;

export { Exchange } from './exchange/request.ts';
export type ClientIp = (req: IncomingMessage) => string | undefined;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The life of a request, the same for every framework: ids in, context, and at its end exactly one line,
 * one span, one count and one observation. All that can be decided before a request is decided here once.
 */
export class Exchanges {
  readonly kit: KitCore;
  readonly table: HandleTable;
  /** The answer's headers, as configured; empty where one is off. */
  readonly requestIdHeader: string;
  readonly correlationIdHeader: string;
  readonly traceparentHeader: boolean;
  /** The lower-case name of the first of these headers that every answer has; empty where all are off. */
  readonly headKey: string;
  /** Ops requests are left out of lines, spans and series unless this is on. */
  readonly observeOps: boolean;
  /** Set where the service asked for addresses in its lines. */
  clientIp: ClientIp | undefined;
  readonly #uuids = new UuidPool();
  readonly #requestIdKey: string;
  readonly #correlationKey: string;
  readonly #inbound: boolean;
  readonly #rawUser: boolean;
  readonly #heads: Heads;
  /** From the time of a request's line to its id. */
  readonly #starts: Readonly<Record<'info' | 'warn' | 'error', string>>;

  constructor(kit: KitCore) {
    this.kit = kit;
    this.table = new HandleTable(kit);
    this.requestIdHeader = kit.config.get('http.requestIdHeader');
    this.correlationIdHeader = kit.config.get('http.correlationIdHeader');
    this.traceparentHeader = kit.config.get('http.traceparentHeader');
    this.observeOps = kit.config.get('http.observeOps');
    this.#requestIdKey = this.requestIdHeader.toLowerCase();
    this.#correlationKey = this.correlationIdHeader.toLowerCase();
    this.headKey =
      this.#requestIdKey || this.#correlationKey || (this.traceparentHeader ? 'traceparent' : '');
    this.#inbound = kit.config.get('log.inbound');
    this.#rawUser = kit.config.get('log.userId') === 'raw';
    const { log } = kit.core;
    this.#heads = log.heads(REQUEST_LOGGER);
    const start = (level: Level): string => flat(`${this.#heads.of(level, 'http_request')},"request_id":"`);
    this.#starts = { info: start('info'), warn: start('warn'), error: start('error') };
  }

  /** The caller's request id when it is safe to repeat, else a new one. */
  requestId(headers: Headers): string {
    const given = headers[this.#requestIdKey];
    return this.isSafe(given) ? given : this.#uuids.take();
  }

  /** Whether an id from outside may go into headers, lines and answers. A key or a token fits the pattern as well. */
  isSafe(id: unknown): id is string {
    return typeof id === 'string' && SAFE_ID.test(id) && this.kit.privacy.text(id) === id;
  }

  begin(method: string | undefined, headers: Headers, requestId = this.requestId(headers)): Exchange {
    const exchange = new Exchange(this, this.kit.clock.monotonic(), normalMethod(method));
    exchange.requestId = requestId;
    // Asked here, since Node looks for the headers anew each time.
    exchange.hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (this.#correlationKey !== '') {
      const given = headers[this.#correlationKey];
      exchange.correlationId = this.isSafe(given) ? given : requestId;
    }
    this.kit.core.trace.begin(exchange, headers['traceparent'], headers['tracestate']);
    const baggage = headers['baggage'];
    if (baggage !== undefined) exchange.baggage = parseBaggage(baggage);
    if (this.#inbound) this.#logInbound(exchange);
    return exchange;
  }

  traceparent(exchange: Exchange): string {
    return formatTraceparent(exchange);
  }

  route(exchange: Exchange, handles: RouteHandles): void {
    exchange.handles = handles;
    exchange.route = handles.template;
  }

  /** Remembers what went wrong; it is written once the status is known. */
  fail(exchange: Exchange, error: unknown): void {
    exchange.error ??= error;
  }

  /** What was thrown after the answer had begun: the client can't be told any more, so the log must. */
  failLate(exchange: Exchange, error: unknown): void {
    exchange.error ??= error;
    exchange.late = true;
    exchange.failed = true;
    if (exchange.done) this.#tellError(exchange, this.kit.clock.now());
  }

  /** Ends the request; a second call does nothing. `complete` is false when the client left before the end. */
  finish(exchange: Exchange, statusCode: number, complete: boolean, headersSent = true): void {
    if (exchange.done) return;
    exchange.done = true;
    const { kit, table } = this;
    const status = complete || headersSent ? statusCode : CLIENT_CLOSED;
    const end = exchange.end ?? kit.clock.monotonic();
    const ms = end - exchange.start;
    const route = exchange.handles ?? exchange.routeOf?.(exchange.source) ?? table.unmatched;
    exchange.handles = route;
    const method = table.method(route, exchange.method);
    const handles = table.status(route, method, status);
    const failed = status >= 500;
    // Who was turned away on purpose is no failure: a flood of them must not be kept as errors are.
    if (failed && !exchange.refused) exchange.failed = true;
    const kept = exchange.recording && this.#finishSpan(exchange, { status, ms, template: handles.span });
    const now = kit.clock.epoch(end);
    exchange.time = now;
    const exemplar = kept ? exchange : undefined;
    handles.requests.inc(1, exemplar);
    method.duration.observe(ms / 1000, exemplar);
    if ((failed || exchange.late) && exchange.error !== undefined) this.#tellError(exchange, now);
    const log = kit.core.log;
    const level = exchange.refused ? 'warn' : failed ? 'error' : 'info';
    // The level is read each time: it can change while running.
    if (log.allows(level) && (level === 'error' || log.keepInfo(now))) {
      const start = this.#starts[level] + this.#openIds(exchange);
      const rest = start + handles.line + renderMillis(ms) + this.#extras(exchange, complete);
      log.write(level, now, rest);
      if (log.recordSink) {
        const latency = Math.round(ms * 1000) / 1000;
        const more = { status, latency_ms: latency, ...(!complete && { aborted: true }) };
        this.#record(exchange, { level, body: 'http_request', now, more });
      }
    }
    // A connection that was opened in this request may hold its context for days: not its request and its error too.
    exchange.source = undefined;
    exchange.routeOf = undefined;
    exchange.error = undefined;
  }

  #finishSpan(exchange: Exchange, end: { status: number; ms: number; template: SpanTemplate }): boolean {
    const trace = this.kit.core.trace;
    const { span } = exchange;
    const startTime = this.kit.clock.epoch(exchange.start);
    const thrown = exchange.failed && exchange.error !== undefined;
    if (span === undefined && trace.recordSink === undefined && !thrown) {
      const kept = trace.decide(exchange, end.ms);
      if (kept && trace.pipe.active) {
        const user = exchange.userId === undefined ? undefined : this.#userHash(exchange);
        const endTime = startTime + end.ms;
        writeServerSpan(trace.pipe.writer, exchange, { startTime, endTime, template: end.template, user });
        trace.pipe.wrote();
      }
      return kept;
    }
    const full = span ?? (trace.requestSpan(exchange) as RecordingSpan);
    const { template } = exchange.handles as RouteHandles;
    if (full.name === '') full.name = this.table.name(template, exchange.method);
    full.startTime = startTime;
    // Where logs are exported the error line has it.
    if (thrown && trace.exceptionSink === undefined) full.recordException(exchange.error);
    const own = this.table.attributes(template, exchange.method, end.status);
    const user = exchange.userId === undefined ? undefined : { 'user.id': this.#userHash(exchange) };
    full.close(startTime + end.ms, user ? { ...own, ...user } : own, exchange.failed);
    return exchange.kept === true;
  }

  /** Spans never have the id itself, and the hash is that of the lines. */
  #userHash(exchange: Exchange): string {
    exchange.userHash ??= this.kit.privacy.hash(exchange.userId as string | number, 'user_id');
    return exchange.userHash;
  }

  /** The ids of a line; what follows closes the last one's quotes. */
  #openIds(exchange: Exchange): string {
    let text = exchange.requestId as string;
    if (exchange.correlationId !== undefined) text += `","correlation_id":"${exchange.correlationId}`;
    text += `","trace_id":"${exchange.traceId}","span_id":"${exchange.spanId}`;
    if (exchange.userId === undefined) return text;
    const user = this.#rawUser ? this.kit.core.log.user(exchange) : this.#userHash(exchange);
    return `${text}","user_id":"${user}`;
  }

  #ids(exchange: Exchange): string {
    return `,"request_id":"${this.#openIds(exchange)}"`;
  }

  #extras(exchange: Exchange, complete: boolean): string {
    let text = complete ? '' : ',"aborted":true';
    if (exchange.ip !== undefined) text += `,"ip":"${exchange.ip}"`;
    if (exchange.fields !== undefined) text += this.kit.privacy.fields(exchange.fields, REQUEST_FIELDS);
    return text;
  }

  #logInbound(exchange: Exchange): void {
    const log = this.kit.core.log;
    const now = this.kit.clock.epoch(exchange.start);
    if (!log.allows('info') || !log.keepInfo(now)) return;
    const rest = `${this.#ids(exchange)},"method":"${exchange.method}"`;
    log.write('info', now, this.#heads.of('info', 'http_request_start') + rest);
    if (log.recordSink) this.#record(exchange, { level: 'info', body: 'http_request_start', now });
  }

  #tellError(exchange: Exchange, now: number): void {
    this.#logError(exchange, now);
    const { error, method } = exchange;
    const route = (exchange.handles as RouteHandles).template;
    this.kit.core.failures.sink?.({ error, context: exchange, method, route });
  }

  #logError(exchange: Exchange, now: number): void {
    const { log } = this.kit.core;
    if (!log.allows('error')) return;
    const err = { err: exchange.error };
    const { template } = exchange.handles as RouteHandles;
    const place = `,"route":${log.quote(template)},"method":"${exchange.method}"`;
    const fields = this.kit.privacy.fields(err, REQUEST_FIELDS);
    const head = this.#heads.of('error', 'http_request_error');
    log.write('error', now, head + this.#ids(exchange) + place + fields);
    if (log.recordSink) {
      const more = this.kit.privacy.attributes(err, 'logs');
      this.#record(exchange, { level: 'error', body: 'http_request_error', now, more });
    }
  }

  #record(exchange: Exchange, line: RequestLine): void {
    const { log } = this.kit.core;
    const user = exchange.userId === undefined ? undefined : log.user(exchange);
    log.recordSink?.(requestRecord(exchange, line, user));
  }
}
