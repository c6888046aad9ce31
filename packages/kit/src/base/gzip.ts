import type { InputType, ZlibOptions } from 'node:zlib';
import { builtin } from './builtin.ts';

/** Off the event loop. */
export function gzip(input: InputType, options: ZlibOptions = {}): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    builtin('node:zlib').gzip(input, options, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}
