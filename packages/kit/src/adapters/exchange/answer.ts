import type { ServerResponse } from 'node:http';
import type { Exchange, Exchanges } from '../exchange.ts';

/** On the answer, so that a second `init`, or a wrapped handler inside a wrapped one, counts once. */
export const EXCHANGE: unique symbol = Symbol.for('plimsoll.exchange');
export interface Observed {
  [EXCHANGE]?: Exchange;
}

export function exchangeOf(res: ServerResponse): Exchange | undefined {
  return (res as Observed)[EXCHANGE];
}

/** The exchange of this answer, where it is one of these and not another kit's. */
export function ownExchange(exchanges: Exchanges, res: ServerResponse): Exchange | undefined {
  const exchange = (res as Observed)[EXCHANGE];
  return exchange?.owner === exchanges ? exchange : undefined;
}

/** Those that are not there already. */
export function addHeaders(res: ServerResponse, exchange: Exchange): void {
  const { owner, requestId, correlationId } = exchange;
  set(res, owner.requestIdHeader, requestId);
  set(res, owner.correlationIdHeader, correlationId);
  if (owner.traceparentHeader) set(res, 'traceparent', owner.traceparent(exchange));
}

function set(res: ServerResponse, name: string, value: string | undefined): void {
  if (name !== '' && value !== undefined && !res.hasHeader(name)) res.setHeader(name, value);
}

/**
 * For a framework that hands Node all headers at once: had one been set before, Node would set each of the
 * framework's by itself, which costs more than all else about a header. Ours join them at the head of the answer,
 * whoever writes it; what is there under one of their names stays.
 */
export function headersAtHead(res: ServerResponse, exchange: Exchange): void {
  const { writeHead: inherited } = Object.getPrototypeOf(res) as { writeHead: unknown };
  // Somebody else's way to do the same.
  if (res.writeHead !== inherited) addHeaders(res, exchange);
  else res.writeHead = writeHead as ServerResponse['writeHead'];
}

type Head = Readonly<Record<string, unknown>>;

function writeHead(
  this: ServerResponse,
  status: number,
  reason?: string | Head,
  headers?: Head,
): ServerResponse {
  const exchange = (this as Observed)[EXCHANGE];
  const { writeHead: original } = Object.getPrototypeOf(this) as { writeHead: typeof writeHead };
  if (exchange === undefined || this.headersSent) return original.call(this, status, reason, headers);
  const given = typeof reason === 'object' ? reason : headers;
  if (given === undefined || given === null || Array.isArray(given)) {
    addHeaders(this, exchange);
    return original.call(this, status, reason, headers);
  }
  // Fastify was given them.
  const all = given[exchange.owner.headKey] === undefined ? withIds(this, given, exchange) : given;
  return typeof reason === 'object'
    ? original.call(this, status, all)
    : original.call(this, status, reason, all);
}

/** A copy: what was given may be a constant of the service. */
function withIds(res: ServerResponse, given: Head, exchange: Exchange): Head {
  const all: Record<string, unknown> = { ...given };
  const { owner, requestId, correlationId } = exchange;
  add(res, all, owner.requestIdHeader, requestId);
  add(res, all, owner.correlationIdHeader, correlationId);
  if (owner.traceparentHeader) add(res, all, 'traceparent', owner.traceparent(exchange));
  return all;
}

function add(
  res: ServerResponse,
  headers: Record<string, unknown>,
  name: string,
  value: string | undefined,
): void {
  if (name === '' || value === undefined || res.hasHeader(name)) return;
  for (const other in headers) {
    if (other.length === name.length && other.toLowerCase() === name.toLowerCase()) return;
  }
  headers[name] = value;
}
