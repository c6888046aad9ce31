import type { Privacy } from '@plimsoll/privacy';
import { type Attributes, type Level, type LogRecord, SEVERITY } from '@plimsoll/wire';
import type { Clock } from '../../base/clock.ts';
import type { Context, ContextStore } from '../context/context.ts';
import { Heads } from './heads.ts';
import { InfoSampler, Timestamp } from './line.ts';

export interface LogCoreOptions {
  readonly service: string;
  readonly env: string;
  readonly commit: string;
  readonly level: Level | 'silent';
  readonly format: 'service' | 'event';
  readonly samplingRateInfo: number;
  readonly samplingMode: 'adaptive' | 'always';
  readonly busyLinesPerSecond: number;
  readonly userId: 'hash' | 'raw';
  readonly clock: Clock;
  readonly context: ContextStore;
  readonly privacy: Privacy;
}

/** Lines written before the first sink is there are kept for it, this many at most. */
const EARLY_LINES = 100;
/** The logger of request lines. */
export const REQUEST_LOGGER = 'http';
/** Names that share their heads; more come from data, and their heads are not kept. */
const MAX_NAMES = 256;
const QUOTED_CACHE = 512;
const QUOTED_MAX_LENGTH = 80;

/** Fields that a caller can't overwrite: theirs come out as `extra_NAME`. */
const CORE_FIELDS = [
  'ts',
  'level',
  'msg',
  'logger',
  'service',
  'env',
  'commit',
  'request_id',
  'correlation_id',
  'trace_id',
  'span_id',
  'route',
];
export const RESERVED: ReadonlySet<string> = new Set(CORE_FIELDS);
export const RESERVED_WITH_USER: ReadonlySet<string> = new Set([...CORE_FIELDS, 'user_id']);

export function severityOf(level: Level | 'silent'): number {
  return level === 'silent' ? Number.POSITIVE_INFINITY : SEVERITY[level];
}

/** What every logger of a kit shares: levels, sampling, rendering, and where lines go. */
export class LogCore {
  readonly clock: Clock;
  readonly context: ContextStore;
  readonly privacy: Privacy;
  readonly format: 'service' | 'event';
  /** Set while somebody wants records: another form of the same lines. */
  recordSink: ((record: LogRecord) => void) | undefined;
  /** Lines that could not be rendered; never thrown at the caller. */
  lost = 0;
  /** Loggers compare it to know whether their cached threshold still holds. */
  levelVersion = 1;
  readonly nameLevels = new Map<string, Level | 'silent'>();
  rootLevel: Level | 'silent';
  onFlush: (() => void) | undefined;

  readonly #sampler: InfoSampler;
  readonly #timestamp = new Timestamp();
  readonly #identity: string;
  readonly #rawUser: boolean;
  readonly #quoted = new Map<string, string>();
  readonly #heads = new Map<string, Heads>();
  #requestThreshold: number;
  #sinks: readonly ((line: string, severity: number) => void)[] = [];
  #early: { line: string; severity: number }[] | undefined = [];

  constructor(options: LogCoreOptions) {
    const { service, env, commit, privacy } = options;
    this.clock = options.clock;
    this.context = options.context;
    this.privacy = privacy;
    this.format = options.format;
    this.rootLevel = options.level;
    this.#requestThreshold = severityOf(options.level);
    this.#rawUser = options.userId === 'raw';
    this.#sampler = new InfoSampler(
      options.samplingRateInfo,
      options.samplingMode,
      options.busyLinesPerSecond,
    );
    this.#identity = `,"service":${privacy.quote(service)},"env":${privacy.quote(env)},"commit":${privacy.quote(commit)}`;
  }

  addSink(sink: (line: string, severity: number) => void): () => void {
    const early = this.#early;
    this.#early = undefined;
    this.#sinks = [...this.#sinks, sink];
    for (const { line, severity } of early ?? []) this.#hand(sink, line, severity);
    return () => {
      this.#sinks = this.#sinks.filter(other => other !== sink);
    };
  }

  keepInfo(nowMs: number): boolean {
    return this.#sampler.keep(nowMs);
  }

  /** Whether request lines of this level are written: their logger is `http`. */
  allows(level: Level): boolean {
    return SEVERITY[level] >= this.#requestThreshold;
  }

  setLevel(level: Level | 'silent', name?: string): void {
    if (name === undefined) this.rootLevel = level;
    else this.nameLevels.set(name, level);
    this.#requestThreshold = severityOf(this.nameLevels.get(REQUEST_LOGGER) ?? this.rootLevel);
    this.levelVersion += 1;
  }

  /** Of all loggers of that name. */
  heads(logger: string): Heads {
    const known = this.#heads.get(logger);
    if (known !== undefined) return known;
    const heads = new Heads(this.privacy, logger, this.#identity);
    if (this.#heads.size < MAX_NAMES) this.#heads.set(logger, heads);
    return heads;
  }

  /** The ids of the current request, as a fragment. They are validated where they enter, so nothing is escaped. */
  ids(context: Context): string {
    let text = '';
    if (context.requestId !== undefined) text += `,"request_id":"${context.requestId}"`;
    if (context.correlationId !== undefined) text += `,"correlation_id":"${context.correlationId}"`;
    if (context.traceId) {
      text += `,"trace_id":"${context.traceId}","span_id":"${context.spanId}"`;
    }
    if (context.route !== undefined) text += `,"route":${this.quote(context.route)}`;
    if (context.userId !== undefined) text += `,"user_id":"${this.user(context)}"`;
    return text;
  }

  user(context: Context): string {
    const id = context.userId as string | number;
    if (this.#rawUser) return this.privacy.quote(String(id)).slice(1, -1);
    return this.privacy.hash(id, 'user_id');
  }

  /** A text as a JSON string, secrets removed. Routes and such are few, so the verdict is kept. */
  quote(text: string): string {
    const known = this.#quoted.get(text);
    if (known !== undefined) return known;
    const quoted = this.privacy.quote(this.privacy.text(text));
    if (text.length <= QUOTED_MAX_LENGTH && this.#quoted.size < QUOTED_CACHE) this.#quoted.set(text, quoted);
    return quoted;
  }

  /** `rest` follows the time: it begins with a head, and goes on with a clean fragment that starts with a comma. */
  write(level: Level, nowMs: number, rest: string): void {
    const line = `${this.#timestamp.open(nowMs)}${rest}}`;
    this.deliver(this.format === 'event' ? eventShape(line) : line, SEVERITY[level]);
  }

  deliver(line: string, severity: number): void {
    if (this.#early !== undefined) {
      if (this.#early.length < EARLY_LINES) this.#early.push({ line, severity });
      return;
    }
    const sinks = this.#sinks;
    for (let i = 0; i < sinks.length; i++) this.#hand(sinks[i]!, line, severity);
  }

  #hand(sink: (line: string, severity: number) => void, line: string, severity: number): void {
    try {
      sink(line, severity);
    } catch {
      this.lost += 1;
    }
  }

  record(level: Level, nowMs: number, body: string, rest: { logger: string; attributes: Attributes }): void {
    const context = this.context.current();
    this.recordSink?.({
      kind: 'log',
      time: nowMs,
      level,
      body: this.privacy.text(body),
      logger: rest.logger,
      attributes: { ...rest.attributes, ...this.#contextAttributes(context) },
      ...(context?.traceId && {
        traceId: context.traceId,
        spanId: context.spanId as string,
        flags: context.flags,
      }),
    });
  }

  /** The names that the line has. */
  #contextAttributes(context: Context | undefined): Attributes {
    if (context === undefined) return {};
    const attributes: Record<string, string> = {};
    if (context.requestId !== undefined) attributes['request_id'] = context.requestId;
    if (context.correlationId !== undefined) attributes['correlation_id'] = context.correlationId;
    if (context.route !== undefined) attributes['route'] = context.route;
    if (context.userId !== undefined) attributes['user_id'] = this.user(context);
    return attributes;
  }
}

/**
 * Host A's shape: `timestamp` and `event` instead of `ts` and `msg`, both of which a field may replace; keys sorted
 * at every depth. A preset for tools that know it.
 */
function eventShape(line: string): string {
  const { ts, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  return JSON.stringify(sorted({ event: msg, timestamp: ts, ...rest }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
