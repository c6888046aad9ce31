import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Privacy } from '@plimsoll/privacy';
import type { LogRecord, Signal, SignalKind, SpanRecord } from '@plimsoll/wire';
import type { ZodType } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Flags } from '../config/flags.ts';
import type { Config } from '../config/load.ts';
import type { OptionRow } from '../config/options/row.ts';
import type { ContextStore } from '../signals/context/context.ts';
import type { Health } from '../signals/health/types.ts';
import type { Log } from '../signals/log/types.ts';
import type { Metrics } from '../signals/metrics/types.ts';
import type { Tracer } from '../signals/trace/types.ts';

/**
 * Undoes what a `setup` did. It runs once, in reverse order of use, flushes before it returns,
 * is safe after a failed start, and safe to call twice.
 */
export type Teardown = () => void | Promise<void>;

/** Anything that plugs in: a source emits signals, a sink listens, a collector registers instruments. */
export interface Part {
  readonly name: string;
  /** Rows of the option table, for parts that others write; rows of ours all live in config/options. */
  readonly options?: readonly OptionRow[];
  /** Wires this part into one kit. */
  setup(kit: Kit): Teardown | void | Promise<Teardown | void>;
}

/** Takes encoded records: `bytes` holds `count` whole OTLP messages, each framed as field 2 of its scope. Copy to keep. */
export type BytesSink = (bytes: Uint8Array, count: number) => void;
/** Takes one rendered log line, without its line feed, already redacted. */
export type LineSink = (line: string, severity: number) => void;

/** The one value through which a part reaches the rest; two kits in a process share nothing. */
export interface Kit {
  readonly config: Config;
  readonly flags: Flags;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly trace: Tracer;
  readonly health: Health;
  readonly context: ContextStore;
  readonly privacy: Privacy;

  /** Pushes what happened to every sink of its kind; a sink that throws is counted, never felt. */
  emit(signal: Signal): void;
  /** A record is built only while someone listens for its kind. */
  on<K extends SignalKind>(kind: K, sink: (record: Extract<Signal, { kind: K }>) => void): Teardown;
  /** Encoded OTLP protobuf in batches of at most 64 KB, within 200 ms of the record. */
  onBytes(kind: 'span' | 'log', sink: BytesSink): Teardown;
  /** Every log line as it is written. */
  onLine(sink: LineSink): Teardown;
  /** Adds routes to the ops API; the group's code is loaded on its first request. */
  routes(group: RouteGroup): Teardown;
  /**
   * Takes the WebSocket handshakes at one exact path, wherever the ops API is: on the app's servers, or on its own
   * port. Handshakes at other paths stay the app's.
   */
  upgrade(path: string, handler: UpgradeHandler): Teardown;
  /** Publishes pulled state under a name; `read` computes it afresh. */
  expose(name: string, snapshot: () => unknown): Teardown;
  read<T>(name: string): T | undefined;
  /** Runs on exit and on a crash, when nothing asynchronous can run any more. */
  flushSync(fn: () => void): Teardown;
  /** Resolves when the part is set up, to what ends that part alone. */
  use(part: Part): Promise<Teardown>;
  /** Tears every part down in reverse order; safe twice. */
  close(): Promise<void>;
}

export type { Config, Flags, LogRecord, Signal, SignalKind, SpanRecord };

/** Who asks: `address` is the socket's peer, never a header. */
export interface Peer {
  readonly address?: string;
  readonly encrypted?: boolean;
}

export interface OpsContext {
  readonly request: Request;
  readonly peer: Peer;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body after the route's schema, or undefined where it has none. */
  readonly body: unknown;
  /** The query after the route's schema, or undefined where it has none. A name given twice is a list. */
  readonly search: unknown;
  readonly requestId: string;
  /** True when the request carried a right admin token. */
  readonly admin: boolean;
}

export interface Route {
  readonly method: string;
  readonly path: string;
  /** `token`: with a token of `tokens` or an admin token, from everywhere and always; else 401. */
  readonly access: 'open' | 'admin' | 'local' | 'token';
  readonly tokens?: { readonly scope: string; readonly accepted: readonly string[] };
  /** For a part that is off: throws its refusal, before a byte of the body is read. */
  readonly authorize?: (request: Request, peer: Peer) => void;
  readonly body?: ZodType;
  /** An object of the query's names; values arrive as text, so numbers are `z.coerce`d. */
  readonly query?: ZodType;
  readonly answer: ZodType;
  /** Media type of the answer in /openapi.json; default `application/json`. */
  readonly media?: string;
  /** Bytes of a request's body at most; default 65,536. Without `body` the route reads the request itself. */
  readonly limit?: number;
  readonly summary?: string;
  /** A Response, or a value that becomes 200 JSON. An error with `status` and `code` becomes problem+json. */
  handle(c: OpsContext): unknown;
}

/** A WebSocket handshake that the rules of the ops API let through; the taker answers it. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** The first bytes after the handshake. */
  readonly head: Buffer;
  /** True when it carried a right admin token. */
  readonly admin: boolean;
}

export interface UpgradeHandler {
  readonly access: Route['access'];
  /** What it throws or rejects with closes the socket and is logged. */
  accept(upgrade: Upgrade): void | Promise<void>;
  /** The process stops accepting: say goodbye (1001), so that the drain need not wait. */
  drain?(): void;
}

export interface RouteGroup {
  readonly name: string;
  /** Exact paths, with `:name` for a segment; known before anything is loaded. */
  readonly paths: readonly string[];
  load(): Promise<readonly Route[]>;
}
