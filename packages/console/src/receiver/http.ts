import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { encodeResponse, type PartialSuccess, responseToJson } from '@plimsoll/wire';
import { BodyError, readBody } from './body.ts';
import { type Intake, SIGNALS, type Signal } from './intake.ts';
import { CODE, encodeStatus } from './status.ts';

export interface HttpOptions {
  readonly intake: Intake;
  /** Of a body as it comes and as it unpacks. */
  readonly maxBytes: number;
  /** For a whole request. */
  readonly timeoutMs: number;
  /** Origins whose pages may send, such as `http://localhost:5173`, or `*`. */
  readonly corsOrigins: readonly string[];
}

type Encoding = 'protobuf' | 'json';

const PATHS: ReadonlyMap<string, Signal> = new Map(SIGNALS.map(signal => [`/v1/${signal}`, signal]));
const TYPES: Readonly<Record<string, Encoding>> = {
  'application/x-protobuf': 'protobuf',
  'application/json': 'json',
};
const CONTENT_TYPE = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;
/** `google.rpc` codes beside HTTP's, as the Collector pairs them. */
const CODES: Readonly<Record<number, number>> = {
  400: CODE.invalidArgument,
  413: CODE.invalidArgument,
  429: CODE.resourceExhausted,
  503: CODE.unavailable,
};
const RETRY_SECONDS = 1;
/** How long the rest of a refused body is read and thrown away, so that the sender sees the answer. */
const DISCARD_MS = 2000;
const MAX_CONNECTIONS = 1024;

/** OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp, with a Collector's answers. */
export function createHttpServer(options: HttpOptions): Server {
  const server = createServer(
    {
      requestTimeout: options.timeoutMs,
      headersTimeout: Math.min(options.timeoutMs, 10_000),
      connectionsCheckingInterval: Math.min(Math.ceil(options.timeoutMs / 4), 5000),
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      handle(request, response, options).catch(() => response.destroy());
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
): Promise<void> {
  const { intake } = options;
  allowOrigin(request, response, options.corsOrigins);
  const signal = PATHS.get((request.url ?? '').split('?', 1)[0]!);
  if (signal === undefined) return refuse(request, response, { status: 404, text: '404 page not found' });
  if (request.method === 'OPTIONS' && response.hasHeader('Access-Control-Allow-Origin')) {
    response.writeHead(204).end();
    return;
  }
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST');
    return refuse(request, response, { status: 405, text: '405 method not allowed, supported: [POST]' });
  }
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const encoding = TYPES[type];
  if (encoding === undefined) {
    const text = `415 unsupported media type, supported: [${Object.keys(TYPES).join(', ')}]`;
    return refuse(request, response, { status: 415, text });
  }
  if (intake.full) return refuse(request, response, { status: 429, text: 'the receiver is full', encoding });
  await receive({ request, response }, { signal, encoding }, options);
}

async function receive(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  { signal, encoding }: { signal: Signal; encoding: Encoding },
  { intake, maxBytes }: HttpOptions,
): Promise<void> {
  let held = 0;
  const hold = (bytes: number) => {
    if (intake.full) return false;
    held += bytes;
    intake.hold(bytes);
    return true;
  };
  try {
    const body = await readBody(request, { maxBytes, hold });
    const outcome = await intake.take(signal, body, encoding);
    if (outcome.kind === 'taken') answer(response, { signal, encoding }, outcome.partial);
    else if (outcome.kind === 'malformed')
      refuse(request, response, { status: 400, text: outcome.message, encoding });
    else refuse(request, response, { status: 503, text: 'the store could not write', encoding });
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    refuse(request, response, { status: error.status, text: error.message, encoding });
  } finally {
    intake.hold(-held);
  }
}

function answer(
  response: ServerResponse,
  { signal, encoding }: { signal: Signal; encoding: Encoding },
  partial: PartialSuccess | undefined,
): void {
  const body =
    encoding === 'json' ? JSON.stringify(responseToJson(partial, signal)) : encodeResponse(partial);
  response.writeHead(200, {
    'Content-Type': CONTENT_TYPE[encoding],
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

interface Refusal {
  readonly status: number;
  readonly text: string;
  /** A `Status` in the sender's own encoding; plain text where that is not known. */
  readonly encoding?: Encoding;
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, encoding }: Refusal,
): void {
  if (response.headersSent || response.destroyed) return;
  const retry = status === 429 || status === 503;
  if (retry) response.setHeader('Retry-After', String(RETRY_SECONDS));
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (!request.complete) discard(request, response);
  const code = CODES[status] ?? CODE.internal;
  if (encoding === undefined) {
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
  } else if (encoding === 'json') {
    response
      .writeHead(status, { 'Content-Type': CONTENT_TYPE.json })
      .end(JSON.stringify({ code, message: text }));
  } else {
    response.writeHead(status, { 'Content-Type': CONTENT_TYPE.protobuf });
    response.end(encodeStatus(code, text, retry ? RETRY_SECONDS : undefined));
  }
}

/** A sender that still sends may not look for an answer before it is done, but it does not get for ever. */
function discard(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), DISCARD_MS).unref();
  request.socket.once('close', () => clearTimeout(timer));
}

function allowOrigin(request: IncomingMessage, response: ServerResponse, allowed: readonly string[]): void {
  if (allowed.length === 0) return;
  response.setHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !(allowed.includes('*') || allowed.includes(origin))) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  if (request.method !== 'OPTIONS') return;
  response.setHeader('Access-Control-Allow-Methods', 'POST');
  response.setHeader('Access-Control-Allow-Headers', 'Content-Type, Content-Encoding');
  response.setHeader('Access-Control-Max-Age', '600');
}
