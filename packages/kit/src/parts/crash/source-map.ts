import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TraceMap } from '@jridgewell/trace-mapping';
import { type Frame, isOwn, type Source } from './frames.ts';

type Mapping = typeof import('@jridgewell/trace-mapping');

interface Found {
  readonly map: TraceMap;
  /** From where its sources count. */
  readonly folder: string;
}

/** A map that is larger is not read: a process in trouble has better things to do. */
const MAX_BYTES = 64 * 1024 * 1024;
/** No further map is read once this much time went by. */
const MAX_MS = 300;
const POINTER = /\/\/[#@] sourceMappingURL=(\S+)\s*$/;
/** A stack of code that Node maps itself shows sources; they have no map of their own. */
const SCRIPT = /\.[cm]?jsx?$/;

/** Frames with the places that source maps give for them. Maps are read now, and nothing is kept. */
export function mapFrames(frames: readonly Frame[]): readonly Frame[] {
  const began = performance.now();
  const maps = new Map<string, Found | undefined>();
  return frames.map(frame => {
    if (!frame.own || !SCRIPT.test(frame.file)) return frame;
    if (!maps.has(frame.file)) {
      maps.set(frame.file, performance.now() - began > MAX_MS ? undefined : open(frame.file));
    }
    const found = maps.get(frame.file);
    const source = found && original(found, frame);
    return source === undefined ? frame : { ...frame, source, own: isOwn(source.file) };
  });
}

function original({ map, folder }: Found, frame: Frame): Source | undefined {
  try {
    const { originalPositionFor } = mapping();
    const place = originalPositionFor(map, { line: frame.line, column: Math.max(0, frame.column - 1) });
    if (place.source === null) return undefined;
    const file = place.source.startsWith('file:') ? fileURLToPath(place.source) : place.source;
    const at = /^[a-z][a-z0-9+.-]+:/i.test(file) ? file : resolve(folder, file);
    return {
      ...{ file: at, line: place.line, column: place.column + 1 },
      ...(place.name !== null && { function: place.name }),
    };
  } catch {
    return undefined;
  }
}

/** The map of a script: in it, or in the file that its last line names. */
function open(script: string): Found | undefined {
  try {
    const url = POINTER.exec(readText(script))?.[1];
    if (url === undefined) return undefined;
    const inline = /^data:application\/json[^,]*,/.exec(url)?.[0];
    const file = url.startsWith('file:') ? fileURLToPath(url) : resolve(dirname(script), decodeURI(url));
    const text = inline === undefined ? readText(file) : inlined(inline, url.slice(inline.length));
    const { AnyMap } = mapping();
    return { map: new AnyMap(text), folder: inline === undefined ? dirname(file) : dirname(script) };
  } catch {
    return undefined;
  }
}

function inlined(head: string, data: string): string {
  return head.includes(';base64') ? Buffer.from(data, 'base64').toString('utf8') : decodeURIComponent(data);
}

function readText(path: string): string {
  if (statSync(path).size > MAX_BYTES) throw new Error('too large');
  return readFileSync(path, 'utf8');
}

/** `require`, since a process that is about to end can't wait; and only here, so that no other process loads it. */
function mapping(): Mapping {
  return createRequire(import.meta.url)('@jridgewell/trace-mapping') as Mapping;
}
