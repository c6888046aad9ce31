import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { ReadError } from './read-error.ts';

/** A place in the code, before its path is cleaned. */
export interface Frame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Of the service's own code: neither Node's nor a dependency's. */
  readonly own: boolean;
  readonly source?: Source;
}

/** Where a source map says that a frame was written. */
export interface Source {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly function?: string;
}

const MAX_FRAMES = 50;
/** `at async fn (file:1:2)`, `at file:1:2`, `at new A (file:1:2)`. */
const FRAME = /^\s*at (?:async )?(?:(.+?) \()?((?:[A-Za-z]:)?[^()]+?):(\d+):(\d+)\)?$/;
const ANONYMOUS = '<anonymous>';
/** So many of the top frames tell one crash from another; below them is what they have in common. */
const TOP = 5;

/** The frames of a stack as V8 writes it; lines of another form are left out. */
export function framesOf(stack: string): readonly Frame[] {
  const frames: Frame[] = [];
  for (const text of stack.split('\n')) {
    const match = FRAME.exec(text);
    if (match === null) continue;
    const [, name = ANONYMOUS, place = '', line, column] = match;
    const file = plainPath(place);
    frames.push({
      ...{ function: name, file, line: Number(line), column: Number(column), own: isOwn(file) },
    });
    if (frames.length === MAX_FRAMES) break;
  }
  return frames;
}

export function isOwn(file: string): boolean {
  const isFile = file.startsWith('/') || /^[A-Za-z]:[\\/]/.test(file);
  return isFile && !/[\\/]node_modules[\\/]/.test(file);
}

function plainPath(place: string): string {
  if (!place.startsWith('file:')) return place;
  try {
    return fileURLToPath(place);
  } catch {
    return place;
  }
}

/**
 * Equal for equal crashes, over restarts and releases: of the type and the names of the top frames of our own, without
 * lines, which move with every edit. A frame without a name has only its line; without frames the text must do.
 */
export function fingerprintOf(
  error: ReadError,
  frames: readonly Frame[],
  clean: (path: string) => string,
): string {
  const own = frames.filter(frame => frame.own);
  const top = (own.length > 0 ? own : frames).slice(0, TOP).map(frame => {
    const { file, line } = frame.source ?? frame;
    const name = frame.source?.function ?? frame.function;
    return `${name} ${clean(file)}${name.includes(ANONYMOUS) ? `:${line}` : ''}`;
  });
  const rest = top.length > 0 ? top : [error.message.replace(/[0-9a-f]*\d[0-9a-f]*/gi, '#')];
  return createHash('sha256')
    .update([error.excType, ...rest].join('\n'))
    .digest('hex')
    .slice(0, 16);
}
