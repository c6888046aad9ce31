import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

/** What keeps a body from being read, as HTTP says it. */
export class BodyError extends Error {
  readonly status: 400 | 408 | 413 | 429;

  constructor(status: 400 | 408 | 413 | 429, message: string) {
    super(message);
    this.status = status;
  }
}

export interface BodyLimits {
  /** Of the body as it comes, and again of what it unpacks to. */
  readonly maxBytes: number;
  /** Told of each piece; false says that there is no room for more. */
  hold(bytes: number): boolean;
}

type Unpack = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: promisify(zlib.gunzip),
  // RFC 9110 means zlib's form by it; some senders leave its two bytes out.
  deflate: (bytes, options) =>
    ((bytes[0] ?? 0) & 0x0f) === 8
      ? promisify(zlib.inflate)(bytes, options)
      : promisify(zlib.inflateRaw)(bytes, options),
  zstd: promisify(zlib.zstdDecompress),
};

/** The whole body, unpacked. Throws `BodyError`; what is left unread then is the caller's to discard. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const unpack = encoding === 'identity' || encoding === '' ? undefined : UNPACK[encoding];
  if (unpack === undefined && encoding !== 'identity' && encoding !== '') {
    throw new BodyError(400, `unsupported Content-Encoding: use ${Object.keys(UNPACK).join(', ')}`);
  }
  const packed = await readAll(request, limits);
  if (unpack === undefined || packed.length === 0) return packed;
  try {
    const body = await unpack(packed, { maxOutputLength: limits.maxBytes });
    limits.hold(body.length);
    return body;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new BodyError(413, 'request body too large when unpacked');
    throw new BodyError(400, `the body is no ${encoding}`);
  }
}

function readAll(request: IncomingMessage, { maxBytes, hold }: BodyLimits): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.reject(new BodyError(413, 'request body too large'));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const pieces: Buffer[] = [];
  let size = 0;
  const stop = (error: BodyError) => {
    request.removeAllListeners('data');
    pieces.length = 0;
    reject(error);
  };
  request.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size > maxBytes) return stop(new BodyError(413, 'request body too large'));
    if (!hold(piece.length)) return stop(new BodyError(429, 'the receiver is full'));
    pieces.push(piece);
  });
  request.on('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, size)));
  request.on('error', () => reject(new BodyError(400, 'the body was cut')));
  request.on('close', () => reject(new BodyError(400, 'the body was cut')));
  return promise;
}
