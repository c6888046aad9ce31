import type { Attributes, Level, LogRecord } from '@plimsoll/wire';
import { REQUEST_LOGGER } from '../../signals/log/core.ts';
import type { Exchange } from '../exchange.ts';

/** Names that a request's bound fields can't take in its lines. */
export const REQUEST_FIELDS: ReadonlySet<string> = new Set([
  ...['ts', 'level', 'msg', 'logger', 'service', 'env', 'commit', 'request_id', 'correlation_id', 'trace_id'],
  ...['span_id', 'route', 'method', 'status', 'latency_ms', 'user_id', 'ip', 'aborted'],
]);

export interface RequestLine {
  readonly level: Level;
  readonly body: string;
  readonly now: number;
  readonly more?: Attributes;
}

/** A request's line in the form of a record, under the same names. `user` is as lines show it. */
export function requestRecord(exchange: Exchange, line: RequestLine, user: string | undefined): LogRecord {
  return {
    ...{ kind: 'log', time: line.now, level: line.level, body: line.body, logger: REQUEST_LOGGER },
    attributes: {
      request_id: exchange.requestId ?? '',
      ...(exchange.correlationId !== undefined && { correlation_id: exchange.correlationId }),
      ...(exchange.handles && { route: exchange.handles.template }),
      ...{ method: exchange.method, ...(user !== undefined && { user_id: user }), ...line.more },
    },
    ...{ traceId: exchange.traceId, spanId: exchange.spanId, flags: exchange.flags },
  };
}
