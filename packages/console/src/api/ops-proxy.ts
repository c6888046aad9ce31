import { askTarget, normalPath } from './ops-ask.ts';
import type { OpsIndex } from './ops-index.ts';
import { Refusal } from './problem.ts';
import type { Target } from './targets.ts';

/** A job may take its time before it answers. */
const TIMEOUT_MS = 30_000;
const BODY_AT_MOST = 64 * 1024 * 1024;
/** Below it a body is sent with its length, as most servers like it; above it in pieces. */
const WHOLE_AT_MOST = 1024 * 1024;

/**
 * Passes a request of the page on to a service's ops API. Nothing of the browser's headers goes along but the type of
 * the body and what is accepted.
 */
export async function askOps(
  target: Target,
  path: string,
  { request, index }: { request: Request; index: OpsIndex },
): Promise<Response> {
  const normal = normalPath(path);
  if (!(await index.allows(target, normal))) throw new Refusal('ops_path_not_allowed');
  const body = await bodyOf(request);
  return askTarget(target, {
    path: normal,
    search: new URL(request.url).search,
    method: request.method,
    accept: request.headers.get('accept') ?? undefined,
    type: request.headers.get('content-type') ?? undefined,
    ...(body !== undefined && { body }),
    timeoutMs: TIMEOUT_MS,
    atMost: BODY_AT_MOST,
  });
}

async function bodyOf(request: Request): Promise<Uint8Array | ReadableStream<Uint8Array> | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD' || request.body === null) return undefined;
  const given = request.headers.get('content-length');
  const length = given === null ? Number.NaN : Number(given);
  if (length === 0) return undefined;
  if (length > BODY_AT_MOST) throw new Refusal('payload_too_large');
  const bounded = request.body.pipeThrough(atMost(BODY_AT_MOST));
  if (!(length <= WHOLE_AT_MOST)) return bounded;
  const whole = new Uint8Array(await new Response(bounded).arrayBuffer());
  return whole.length > 0 ? whole : undefined;
}

function atMost(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let length = 0;
  return new TransformStream({
    transform(piece, out) {
      length += piece.length;
      if (length > bytes) throw new Refusal('payload_too_large');
      out.enqueue(piece);
    },
  });
}
