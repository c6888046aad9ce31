import { isMainThread, threadId } from 'node:worker_threads';
import type { Privacy } from '@plimsoll/privacy';
import type { CrashSource } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import type { Context } from '../../signals/context/context.ts';
import { Timestamp } from '../../signals/log/line.ts';
import type { Frame } from './frames.ts';
import { mapText } from './map-text.ts';
import { type ReadError, traceback } from './read-error.ts';
import type { CrashRing } from './ring.ts';
import type { Dump } from './store.ts';

/** All that one dump is made of. */
export interface DumpInput {
  readonly source: CrashSource;
  readonly chain: readonly [ReadError, ...ReadError[]];
  /** Of each error of the chain. */
  readonly frames: readonly (readonly Frame[])[];
  readonly fingerprint: string;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  readonly attach?: readonly string[] | undefined;
  readonly synthetic?: boolean | undefined;
  readonly suppressed?: number | undefined;
  /** Of whom it was, where that is known. */
  readonly request?:
    | { readonly context: Context; readonly method?: string; readonly route?: string }
    | undefined;
  readonly ring?: Pick<CrashRing, 'readLines' | 'readSpans'> | undefined;
}

/** The fields of a dump but its id, all clean. What can't be had is left out: a dump with less is better than none. */
export function buildDump(kit: Kit, input: DumpInput): Dump {
  const { privacy, config } = kit;
  const place = (path: string): string => placeOf(path, privacy);
  const [first, ...causes] = input.chain;
  const shown = (frames: readonly Frame[] = []): unknown => frames.map(frame => frameOf(frame, privacy));
  return {
    timestamp: timestampOf(kit.clock.now()),
    ...{ exc_type: first.excType, message: first.message, traceback: traceback(input.chain, privacy) },
    ...{ cwd: attempt(() => place(process.cwd()), '[gone]'), pid: process.pid },
    context: contextOf(input, privacy),
    attachments: attempt(() => (input.attach ?? []).map(path => place(String(path))), []),
    ...{ fingerprint: input.fingerprint, source: input.source },
    frames: shown(input.frames[0]),
    causes: causes.map(({ excType, message }, n) => ({
      ...{ exc_type: excType, message, frames: shown(input.frames[n + 1]) },
    })),
    lines: attempt(() => mapText(input.ring?.readLines() ?? [], text => privacy.text(text, 'dumps')), []),
    spans: attempt(() => mapText(input.ring?.readSpans() ?? [], text => privacy.text(text, 'dumps')), []),
    ...requestOf(input.request, privacy),
    ...{ service: config.get('service'), env: config.get('env'), version: config.get('version') },
    ...{ node: process.version, platform: `${process.platform} ${process.arch}` },
    ...(isMainThread ? {} : { thread_id: threadId }),
    uptime_s: Math.round(process.uptime() * 1000) / 1000,
    memory: attempt(memory, {}),
    ...(input.suppressed ? { suppressed: input.suppressed } : {}),
    ...(input.synthetic ? { synthetic: true } : {}),
  };
}

/** Microseconds and `Z`, as every timestamp of a dump is. */
export function timestampOf(ms: number): string {
  return new Timestamp().render(ms).replace('+00:00', 'Z');
}

/** The one form of a path in a dump: below a known folder, else its last part. */
export function placeOf(path: string, privacy: Privacy): string {
  return (privacy.redact({ path }, 'dumps') as { path: string }).path;
}

function contextOf({ context, source }: DumpInput, privacy: Privacy): unknown {
  const automatic = source === 'capture' || source === 'ended' ? {} : { source };
  const given = context === undefined ? {} : privacy.redact(context, 'dumps');
  return { ...automatic, ...(typeof given === 'object' ? given : { value: given }) };
}

function frameOf({ file, source, ...rest }: Frame, privacy: Privacy): unknown {
  const clean = (text: string): string => privacy.text(text, 'dumps');
  return {
    ...{ ...rest, function: clean(rest.function), file: clean(file) },
    ...(source && { source: { ...source, file: clean(source.file) } }),
  };
}

function requestOf(request: DumpInput['request'], privacy: Privacy): Readonly<Record<string, unknown>> {
  if (request === undefined) return {};
  const { context, method, route = context.route } = request;
  const ids = {
    ...{ request_id: context.requestId, trace_id: context.traceId, span_id: context.spanId },
    ...{ correlation_id: context.correlationId, method, route },
    ...(context.userId !== undefined && { user_id: privacy.hash(context.userId, 'user_id') }),
  };
  return Object.fromEntries(Object.entries(ids).filter(([, value]) => value !== undefined && value !== ''));
}

function memory(): Readonly<Record<string, number>> {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return { rss, heap_used: heapUsed, heap_total: heapTotal, external };
}

function attempt<T, U>(make: () => T, otherwise: U): T | U {
  try {
    return make();
  } catch {
    return otherwise;
  }
}
