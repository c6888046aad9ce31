import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { normalPath, opsUrl } from './ops-ask.ts';
import type { OpsIndex } from './ops-index.ts';
import { Refusal } from './problem.ts';
import type { Target } from './targets.ts';

const MESSAGE_AT_MOST = 1024 * 1024;
/** Waiting for one side: above it the other one is not read. */
const BUFFERED_AT_MOST = 1024 * 1024;
const SOCKETS_AT_MOST = 64;
const OPEN_MS = 10_000;

export interface SocketRequest {
  readonly target: Target;
  readonly path: string;
  readonly search: string;
  readonly socket: Duplex;
  readonly head: Buffer;
}

export interface OpsSockets {
  /** Opens the service's side first: a refusal of it is one of ours. Rejects with a `Refusal`. */
  accept(request: IncomingMessage, asked: SocketRequest): Promise<void>;
  close(): void;
}

/** WebSockets of a service's ops API, with its token on the way there and no message with the token on the way back. */
export function createOpsSockets(index: OpsIndex): OpsSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_AT_MOST,
    perMessageDeflate: false,
    // The service has chosen already, and the request is rewritten to that one.
    handleProtocols: protocols => protocols.values().next().value ?? false,
  });
  const open = new Set<WebSocket>();
  return {
    async accept(request, { target, path, search, socket, head }) {
      if (open.size >= SOCKETS_AT_MOST) throw new Refusal('too_many_sockets');
      const normal = normalPath(path);
      if (!(await index.allowsSocket(target, normal))) throw new Refusal('ops_path_not_allowed');
      const url = opsUrl(target, normal, search);
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      const service = await dial(url, target, request.headers['sec-websocket-protocol']);
      open.add(service);
      service.on('close', () => open.delete(service));
      if (socket.destroyed) return service.terminate();
      if (service.protocol) request.headers['sec-websocket-protocol'] = service.protocol;
      else delete request.headers['sec-websocket-protocol'];
      server.handleUpgrade(request, socket, head, page => {
        join(page, service);
        join(service, page, target.token);
        service.resume();
      });
    },
    close() {
      for (const one of [...open, ...server.clients]) one.terminate();
      server.close();
    },
  };
}

/** What the service says first waits until the page is there. */
function dial(url: URL, { token }: Target, protocols: string | undefined): Promise<WebSocket> {
  const wanted = protocols?.split(',').map(one => one.trim()) ?? [];
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new Refusal('ops_unreachable'));
    let ws: WebSocket;
    try {
      ws = new WebSocket(url, wanted, {
        ...{ handshakeTimeout: OPEN_MS, maxPayload: MESSAGE_AT_MOST, perMessageDeflate: false },
        headers: token ? { 'x-admin-token': token } : {},
      });
    } catch {
      return refuse();
    }
    ws.once('open', () => {
      ws.pause();
      resolve(ws);
    });
    ws.once('error', refuse);
  });
}

/** Passes on what `from` says, as fast as `to` takes it. */
function join(from: WebSocket, to: WebSocket, secret?: string): void {
  from.on('message', (data: RawData, binary: boolean) => {
    if (secret !== undefined && bytesOf(data).includes(secret)) return leaked(from, to);
    to.send(data, { binary }, () => {
      if (from.isPaused && to.bufferedAmount < BUFFERED_AT_MOST) from.resume();
    });
    if (to.bufferedAmount > BUFFERED_AT_MOST) from.pause();
  });
  from.on('close', (code, reason) => {
    // 1005 and 1006 are never sent: they say that nothing was.
    if (code >= 1000 && code < 5000 && ![1004, 1005, 1006, 1015].includes(code)) to.close(code, reason);
    else if (code === 1005) to.close();
    else to.terminate();
  });
  from.on('error', () => from.terminate());
}

function leaked(from: WebSocket, to: WebSocket): void {
  from.terminate();
  to.close(1011, 'ops_answer_refused');
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
