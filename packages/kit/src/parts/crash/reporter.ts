import { writeSync } from 'node:fs';
import { CRASHES, type CrashSource, type CrashSummary } from '@plimsoll/wire';
import type { FailedRequest, KitCore } from '../../kernel/kit.ts';
import { type CrashLog, counterStore } from '../../kernel/ports.ts';
import type { Context } from '../../signals/context/context.ts';
import { buildDump, type DumpInput, placeOf } from './dump.ts';
import { fingerprintOf, framesOf } from './frames.ts';
import type { CaptureOptions, Crash } from './gate.ts';
import { Limiter } from './limiter.ts';
import { nodeReport } from './node-report.ts';
import { readErrors } from './read-error.ts';
import { CrashRing } from './ring.ts';
import { mapFrames } from './source-map.ts';
import type { CrashStore } from './store.ts';

interface Happened extends CaptureOptions {
  readonly source: CrashSource;
  readonly request?: DumpInput['request'];
}

interface Written {
  readonly path: string;
  readonly eventId: string;
  readonly fingerprint: string;
  readonly excType: string;
  readonly message: string;
}

/**
 * Writes dumps, and tells of them. Nothing in here throws, whatever was thrown: a reporter must not be the second
 * fault. All of it is synchronous, since after a fatal error nothing else runs.
 */
export class Reporter implements Crash, CrashLog {
  readonly ring = new CrashRing();
  readonly store: CrashStore;
  readonly #kit: KitCore;
  readonly #limiter: Limiter;
  readonly #count: (source: CrashSource, result: 'written' | 'suppressed' | 'failed') => void;
  readonly #announce: boolean;
  readonly #report: boolean;
  /** What was dumped already: an error that is caught, reported and thrown on is one crash. */
  readonly #seen = new WeakMap<object, string>();
  #busy = false;
  #last: string | undefined;
  /** True once a crash could not be written: the next start must say that there was one. */
  failed = false;

  constructor(kit: KitCore, store: CrashStore) {
    const { config } = kit;
    this.#kit = kit;
    this.store = store;
    this.#limiter = new Limiter(config.get('crash.intervalMs'));
    const counter = kit.metrics.counter(CRASHES.name, CRASHES);
    this.#count = (source, result) => counter.inc({ source, result });
    this.#announce = announces(config.get('crash.announce'));
    this.#report = config.get('crash.report');
  }

  capture(error: unknown, options: CaptureOptions = {}): string | undefined {
    try {
      return this.#happened(error, { ...options, source: 'capture', request: this.#current() });
    } catch {
      // The options' own getters.
      return undefined;
    }
  }

  list(limit?: number): readonly CrashSummary[] {
    return this.store.list(limit);
  }

  last(): string | undefined {
    return this.#last;
  }

  /** The process is about to end of it, unless the app listens to `uncaughtException` itself. */
  fatal(error: unknown, source: 'uncaughtException' | 'unhandledRejection'): void {
    const path = this.#once(error, { source, request: this.#current() });
    if (path === undefined) this.failed = true;
    else this.announce(path);
  }

  worker(error: unknown, threadId: number): void {
    // A worker with a kit of its own has told of it already: what arrives here is a copy.
    const told = this.list(5).find(({ id }) => {
      const { pid, thread_id: thread } = this.store.find(id) ?? {};
      return pid === process.pid && thread === threadId;
    });
    if (told === undefined) this.#once(error, { source: 'worker', context: { thread_id: threadId } });
    else this.#remember(error, told.path);
  }

  request({ error, ...request }: FailedRequest): void {
    this.#once(error, { source: 'request', request });
  }

  /** A process before this one, of which only its marker is left. */
  ended(
    error: Error,
    { context, attach, lines }: { context: object; attach: string[]; lines: unknown[] },
  ): void {
    const ring = { readLines: () => lines, readSpans: () => [] };
    const path = this.#happened(error, { source: 'ended', context: { ...context }, attach }, { ring });
    if (path !== undefined) this.announce(path);
  }

  /** Says where a dump is, to whoever looks at the terminal. */
  announce(path: string): void {
    if (!this.#announce) return;
    try {
      writeSync(2, `plimsoll: crash dump at ${path}\n`);
    } catch {
      // Nobody is there to read it.
    }
  }

  #once(error: unknown, happened: Happened): string | undefined {
    const known = typeof error === 'object' && error !== null ? this.#seen.get(error) : undefined;
    return known ?? this.#happened(error, happened);
  }

  #happened(
    error: unknown,
    happened: Happened,
    { ring = this.ring }: Pick<DumpInput, 'ring'> = {},
  ): string | undefined {
    // What fails while a dump is made is not dumped: there would be no end to it.
    if (this.#busy) return undefined;
    this.#busy = true;
    try {
      const written = this.#write(error, happened, ring);
      if (written === undefined) {
        this.#count(happened.source, 'suppressed');
        return undefined;
      }
      this.#remember(error, written.path);
      this.#tell(written, happened);
      return written.path;
    } catch (fault) {
      this.#lost(fault, happened.source);
      return undefined;
    } finally {
      this.#busy = false;
    }
  }

  #remember(error: unknown, path: string): void {
    if (typeof error === 'object' && error !== null) this.#seen.set(error, path);
    this.#last = path;
  }

  #write(error: unknown, happened: Happened, ring: DumpInput['ring']): Written | undefined {
    const { privacy, clock, core } = this.#kit;
    const { source, eventId } = happened;
    const chain = readErrors(error, privacy);
    const plain = chain.map(({ stack }) => framesOf(stack));
    const place = (path: string): string => privacy.text(path, 'dumps');
    // Before maps are read, so that a storm of failures costs little.
    let suppressed = 0;
    if (source === 'request') {
      const taken = this.#limiter.take(fingerprintOf(chain[0], plain[0] ?? [], place), clock.monotonic());
      if (taken === undefined) return undefined;
      suppressed = taken;
    }
    core.spans.flush();
    const frames = plain.map(mapFrames);
    const fingerprint = fingerprintOf(chain[0], frames[0] ?? [], place);
    const dump = buildDump(this.#kit, { ...happened, chain, frames, fingerprint, suppressed, ring });
    const report = this.#report && isFatal(source) ? nodeReport(error, privacy) : undefined;
    if (happened.synthetic) this.#removeSynthetic();
    const given = eventId === undefined ? undefined : privacy.text(String(eventId), 'dumps');
    const file = this.store.write(dump, given, report === undefined ? {} : { report });
    return { ...file, fingerprint, excType: chain[0].excType, message: chain[0].message };
  }

  /** The log, the listeners and telemetry, each on its own: none may cost the others their turn. */
  #tell(written: Written, { source, request, synthetic }: Happened): void {
    const kit = this.#kit;
    const { path, fingerprint, eventId, excType, message } = written;
    // The policy takes a `fingerprint` for a person's or a device's.
    const fields = {
      ...{ report: placeOf(path, kit.privacy), event_id: eventId, exc_type: excType, message },
      ...{ signature: fingerprint, source },
      ...(synthetic && { synthetic }),
    };
    const { context } = request ?? {};
    const steps = [
      () => this.#count(source, 'written'),
      () => within(kit, context, () => kit.log.named('plimsoll.crash').error(fields, 'crash')),
      () =>
        kit.emit({
          ...{ kind: 'crash', time: kit.clock.now(), eventId, excType, message, fingerprint, source, path },
          ...(context?.requestId !== undefined && { requestId: context.requestId }),
          ...(context?.traceId && { traceId: context.traceId }),
          ...(context?.spanId && { spanId: context.spanId }),
        }),
      () => void (synthetic || counterStore(kit)?.crash({ path, fingerprint })),
    ];
    for (const step of steps) quietly(step);
  }

  #lost(fault: unknown, source: CrashSource): void {
    quietly(() => this.#count(source, 'failed'));
    const code = (fault as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
    quietly(() => this.#kit.log.named('plimsoll.crash').error({ source, code }, 'crash_dump_failed'));
  }

  #removeSynthetic(): void {
    for (const { path, synthetic } of this.store.list(500)) if (synthetic) this.store.remove(path);
  }

  #current(): { context: Context } | undefined {
    const context = this.#kit.context.current();
    return context && { context };
  }
}

/** A line of a request belongs to it, also when the request is over. */
function within(kit: KitCore, context: Context | undefined, fn: () => void): void {
  if (context === undefined) fn();
  else kit.context.run(context, fn);
}

const isFatal = (source: CrashSource): boolean =>
  source === 'uncaughtException' || source === 'unhandledRejection';

function announces(choice: 'auto' | 'always' | 'never'): boolean {
  if (choice !== 'auto') return choice === 'always';
  return process.stderr.isTTY === true || !/^(|0|false)$/i.test(process.env['CI'] ?? '');
}

function quietly(fn: () => unknown): void {
  try {
    fn();
  } catch {
    // What was to be told is in the dump.
  }
}
