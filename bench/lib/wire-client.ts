/** One keep-alive connection that speaks just enough HTTP/1.1 to be cheaper than any server it loads. */
import { connect, type Socket } from 'node:net';

export type Done = (ok: boolean) => void;

const CHUNK = 16 * 1024;

export class Connection {
  readonly #socket: Socket;
  #done: Done | undefined;
  #text = '';

  constructor(host: string, port: number, closed: () => void) {
    // One buffer a connection: the stream's own machinery would cost as much as the request.
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(CHUNK),
        callback: (size, buffer) => {
          this.#read((buffer as Buffer).toString('latin1', 0, size));
          return true;
        },
      },
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      const done = this.#done;
      this.#done = undefined;
      closed();
      done?.(false);
    });
  }

  send(request: Buffer, done: Done): void {
    this.#done = done;
    this.#socket.write(request);
  }

  close(): void {
    this.#done = undefined;
    this.#socket.destroy();
  }

  #read(piece: string): void {
    const text = this.#text === '' ? piece : this.#text + piece;
    if (!isWhole(text)) {
      this.#text = text;
      return;
    }
    this.#text = '';
    const done = this.#done;
    this.#done = undefined;
    done?.(text.startsWith('HTTP/1.1 2'));
  }
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = LENGTH.exec(text);
  if (length !== null && length.index < end) return text.length >= end + 4 + Number(length[1]);
  return text.endsWith('\r\n0\r\n\r\n');
}
