import { createServer, type Socket } from 'node:net';
import { status } from '@grpc/grpc-js';
import { openGrpcSink } from '../unit/parts/grpc-sink.ts';
import { openSink } from '../unit/parts/support.ts';

export interface Collector {
  /** Requests that were taken so far. */
  readonly taken: number;
  close(): Promise<void>;
}

export type Transport = 'http' | 'grpc';
export type Fault = (port: number) => Promise<Collector>;

/** A collector that takes everything, `afterMs` after it came. */
export async function healthy(transport: Transport, port: number, afterMs = 0): Promise<Collector> {
  if (transport === 'http') {
    const sink = await openSink(port);
    sink.reply = response => {
      sink.received.length = 0;
      counter.taken += 1;
      setTimeout(() => response.end(), afterMs).unref();
    };
    const counter = { taken: 0, close: () => sink.close() };
    return counter;
  }
  const sink = await openGrpcSink(undefined, port);
  sink.reply = done => {
    sink.received.length = 0;
    counter.taken += 1;
    setTimeout(() => done(null, Buffer.alloc(0)), afterMs).unref();
  };
  const counter = { taken: 0, close: () => sink.close() };
  return counter;
}

/** What a collector can do to us; nothing of it may be felt by requests. */
export const FAULTS: Readonly<Record<Transport, Readonly<Record<string, Fault>>>> = {
  http: {
    'is gone': gone,
    'is slow': port => healthy('http', port, 700),
    'never answers': port => healthy('http', port, 3_600_000),
    'says 503': port => refusing(port, 503),
    'says 400': port => refusing(port, 400),
    resets: port => rude(port, socket => socket.resetAndDestroy()),
    'answers nonsense': port => rude(port, socket => socket.end('this is not HTTP\r\n\r\n')),
  },
  grpc: {
    'is gone': gone,
    'is slow': port => healthy('grpc', port, 700),
    'never answers': port => healthy('grpc', port, 3_600_000),
    'says UNAVAILABLE': port => failing(port, status.UNAVAILABLE),
    'says INVALID_ARGUMENT': port => failing(port, status.INVALID_ARGUMENT),
    resets: port => rude(port, socket => socket.resetAndDestroy()),
    'answers nonsense': port => rude(port, socket => socket.end('this is not HTTP/2\r\n\r\n')),
    'accepts and is silent': port => rude(port, () => {}),
  },
};

async function gone(): Promise<Collector> {
  return { taken: 0, close: async () => {} };
}

async function refusing(port: number, code: number): Promise<Collector> {
  const sink = await openSink(port);
  sink.reply = response => {
    sink.received.length = 0;
    response.writeHead(code).end();
  };
  return { taken: 0, close: () => sink.close() };
}

async function failing(port: number, code: status): Promise<Collector> {
  const sink = await openGrpcSink(undefined, port);
  sink.reply = done => {
    sink.received.length = 0;
    done({ code });
  };
  return { taken: 0, close: () => sink.close() };
}

/** Does something to every connection once it has sent something. */
async function rude(port: number, act: (socket: Socket) => unknown): Promise<Collector> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.once('data', () => act(socket));
    socket.resume();
  });
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    taken: 0,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}
