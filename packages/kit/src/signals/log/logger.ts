import { type Attributes, type Level, SEVERITY } from '@plimsoll/wire';
import type { Context } from '../context/context.ts';
import { merge, overlap, parse } from './call.ts';
import { type LogCore, RESERVED, RESERVED_WITH_USER, severityOf } from './core.ts';
import type { Heads } from './heads.ts';
import type { Log } from './types.ts';

type Fields = Record<string, unknown>;

interface LoggerState {
  readonly name: string;
  readonly fields?: Fields;
  readonly parent?: Logger;
  readonly level?: Level | 'silent';
  /** A logger got by `named` shares its level with all of that name. */
  readonly byName?: boolean;
}

/** Bound fields, rendered once. */
class Logger implements Log {
  readonly name: string;
  readonly #core: LogCore;
  readonly #parent: Logger | undefined;
  readonly #fields: Fields | undefined;
  readonly #rendered: string;
  readonly #heads: Heads;
  readonly #byName: boolean;
  #own: Level | 'silent' | undefined;
  #threshold = 0;
  #version = 0;

  constructor(core: LogCore, state: LoggerState) {
    this.#core = core;
    this.name = state.name;
    this.#parent = state.parent;
    this.#fields = state.fields;
    this.#own = state.level;
    this.#byName = state.byName ?? false;
    this.#heads = core.heads(state.name);
    this.#rendered = state.fields ? core.privacy.fields(state.fields, RESERVED) : '';
  }

  static isOf(core: LogCore, value: object): value is Logger {
    return #core in value && value.#core === core;
  }

  trace(...args: unknown[]): void {
    if (this.#at(SEVERITY.trace)) this.#write('trace', args);
  }
  debug(...args: unknown[]): void {
    if (this.#at(SEVERITY.debug)) this.#write('debug', args);
  }
  info(...args: unknown[]): void {
    if (this.#at(SEVERITY.info)) this.#write('info', args);
  }
  warn(...args: unknown[]): void {
    if (this.#at(SEVERITY.warn)) this.#write('warn', args);
  }
  error(...args: unknown[]): void {
    if (this.#at(SEVERITY.error)) this.#write('error', args);
  }
  fatal(...args: unknown[]): void {
    if (this.#at(SEVERITY.fatal)) this.#write('fatal', args);
    this.flush();
  }
  silent(): void {}

  get level(): Level | 'silent' {
    return this.#own ?? this.#core.nameLevels.get(this.name) ?? this.#parent?.level ?? this.#core.rootLevel;
  }
  set level(level: Level | 'silent') {
    if (!isLevel(level)) return;
    if (this.#byName) this.#core.setLevel(level, this.name);
    else if (this.#parent === undefined) this.#core.setLevel(level);
    else {
      this.#own = level;
      this.#core.levelVersion += 1;
    }
  }

  isLevelEnabled(level: Level): boolean {
    return this.#at(severityOf(level));
  }
  named(name: string, fields?: Fields): Log {
    const merged = fields ? merge(this.#fields, fields) : this.#fields;
    const clean = this.#core.privacy.text(name);
    return new Logger(this.#core, {
      name: clean,
      parent: this,
      byName: true,
      ...(merged && { fields: merged }),
    });
  }
  child(fields: Fields, options?: { level?: string }): Log {
    const level = options?.level;
    return this.#derive(merge(this.#fields, fields), isLevel(level) ? level : undefined);
  }
  bind(fields: Fields): Log {
    return this.#derive(merge(this.#fields, fields));
  }
  unbind(...keys: string[]): Log {
    const rest = Object.entries(this.#fields ?? {}).filter(([key]) => !keys.includes(key));
    return this.#derive(Object.fromEntries(rest));
  }
  bindings(): Fields {
    return { ...this.#fields };
  }
  flush(done?: (error?: Error) => void): void {
    this.#core.onFlush?.();
    done?.();
  }

  #derive(fields: Fields, level?: Level | 'silent'): Logger {
    return new Logger(this.#core, { name: this.name, parent: this, fields, ...(level && { level }) });
  }

  #at(severity: number): boolean {
    if (this.#version !== this.#core.levelVersion) {
      this.#version = this.#core.levelVersion;
      this.#threshold = severityOf(this.level);
    }
    return severity >= this.#threshold;
  }

  #write(level: Level, args: unknown[]): void {
    const core = this.#core;
    try {
      const now = core.clock.now();
      if (level === 'info' && !core.keepInfo(now)) return;
      const { fields, message } = parse(args, core);
      const context = core.context.current();
      const ids = context ? core.ids(context) : '';
      core.write(level, now, this.#heads.of(level, message) + ids + this.#extras(fields, context));
      if (core.recordSink) {
        const all = merge(merge(this.#fields, context?.fields), fields);
        const attributes = core.privacy.attributes(all, 'logs') as Attributes;
        core.record(level, now, message, { logger: this.name, attributes });
      }
    } catch {
      core.lost += 1;
    }
  }

  #extras(fields: Fields | undefined, context: Context | undefined): string {
    const { privacy } = this.#core;
    const reserved = context?.userId === undefined ? RESERVED : RESERVED_WITH_USER;
    if (context?.fields !== undefined) {
      return privacy.fields(merge(merge(this.#fields, context.fields), fields), reserved);
    }
    if (fields === undefined) return this.#rendered;
    if (this.#fields === undefined) return privacy.fields(fields, reserved);
    if (overlap(this.#fields, fields)) return privacy.fields(merge(this.#fields, fields), reserved);
    return this.#rendered + privacy.fields(fields, reserved);
  }
}

function isLevel(level: unknown): level is Level | 'silent' {
  return level === 'silent' || Object.hasOwn(SEVERITY, level as string);
}

/** Whether a value is a logger of this kit: frameworks wrap what they are handed in a child of it. */
export function isLogOf(core: LogCore, value: object): value is Log {
  return Logger.isOf(core, value);
}

export function createLog(core: LogCore): Log {
  return new Logger(core, { name: 'app' }) as Log;
}
