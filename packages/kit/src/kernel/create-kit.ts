import { createPrivacy, type Privacy } from '@plimsoll/privacy';
import { encodeLog, type LogRecord, type SignalKind } from '@plimsoll/wire';
import { type Clock, systemClock } from '../base/clock.ts';
import { PlimsollError } from '../base/errors.ts';
import { BytePipe } from '../base/pipe.ts';
import { createFlags } from '../config/flags.ts';
import type { Config } from '../config/load.ts';
import { ContextStore } from '../signals/context/context.ts';
import { createHealth } from '../signals/health/health.ts';
import { LogCore } from '../signals/log/core.ts';
import { createLog } from '../signals/log/logger.ts';
import { createMetrics } from '../signals/metrics/registry.ts';
import type { Metrics } from '../signals/metrics/types.ts';
import { noopTracer } from '../signals/trace/noop.ts';
import { TraceCore } from '../signals/trace/tracer.ts';
import type { KitCore } from './kit.ts';
import { Listeners } from './listeners.ts';
import { cleanLabel, idsOnly, logOptions, privacyOptions, traceOptions } from './options.ts';
import type { Kit, RouteGroup, UpgradeHandler } from './part.ts';
import { Parts } from './parts.ts';

export interface CreateKitOptions {
  readonly config: Config;
  readonly clock?: Clock;
}

/** Wires the mechanisms of one kit; it knows no part. Two kits share nothing. */
export function createKit(options: CreateKitOptions): KitCore {
  return new KitImpl(options);
}

class KitImpl implements KitCore {
  readonly config: Config;
  readonly flags: Kit['flags'];
  readonly clock: Clock;
  readonly context = new ContextStore();
  readonly privacy: Privacy;
  readonly log: Kit['log'];
  readonly metrics: Metrics;
  readonly trace: Kit['trace'];
  readonly health: Kit['health'];
  readonly core: KitCore['core'];

  readonly #logCore: LogCore;
  readonly #traceCore: TraceCore;
  readonly #spans = new BytePipe();
  readonly #logs = new BytePipe();
  readonly #listeners: Listeners;
  readonly #groups: RouteGroup[] = [];
  #groupsVersion = 0;
  readonly #upgrades = new Map<string, UpgradeHandler>();
  readonly #exposed = new Map<string, () => unknown>();
  readonly #flushes: (() => void)[] = [];
  readonly #parts = new Parts(() => this.#flushPipes());
  #closing: Promise<void> | undefined;
  #stopLogs: (() => void) | undefined;

  constructor({ config, clock = systemClock() }: CreateKitOptions) {
    this.config = config;
    this.clock = clock;
    this.flags = createFlags({ files: config.files, clock });
    this.privacy = createPrivacy(privacyOptions(config));
    this.#logCore = new LogCore({
      ...logOptions(config),
      clock,
      context: this.context,
      privacy: this.privacy,
    });
    this.log = createLog(this.#logCore);
    this.#traceCore = new TraceCore({
      ...traceOptions(config),
      ...{ clock, context: this.context, privacy: this.privacy, pipe: this.#spans },
    });
    this.trace = this.#traceCore.enabled ? this.#traceCore : { ...noopTracer, ...idsOnly(this.#traceCore) };
    const own = this.log.named('plimsoll');
    this.metrics = createMetrics({
      enabled: config.get('metrics.enabled'),
      namespace: config.get('namespace'),
      maxSeries: config.get('metrics.maxSeries'),
      maxLabelValues: config.get('metrics.maxLabelValues'),
      exemplars: config.get('metrics.exemplars'),
      clock,
      sanitize: (label: string, value: string) => cleanLabel(this.privacy, label, value),
      onOverflow: (metric: string, label: string) => own.warn({ metric, label }, 'metric_cardinality_capped'),
    });
    this.health = createHealth({
      intervalMs: config.get('health.intervalMs'),
      timeoutMs: config.get('health.timeoutMs'),
      clock,
      metrics: this.metrics,
      clean: own => this.privacy.redact(own, 'logs') as typeof own,
      onFailure: (check, reason) => own.warn({ check, reason }, 'health_check_failed'),
    });
    for (const { field, code } of config.findings) this.health.finding({ field, code });
    this.#listeners = new Listeners((kind, sink) => this.#listen(kind, sink));
    this.#logCore.onFlush = () => this.#flush();
    this.core = {
      ...{ log: this.#logCore, trace: this.#traceCore, spans: this.#spans, logs: this.#logs },
      groups: () => this.#groups,
      groupsVersion: () => this.#groupsVersion,
      ...{ upgrades: this.#upgrades, onUpgrades: undefined },
      flush: () => this.#flush(),
      failures: { sink: undefined },
    };
  }

  emit: Kit['emit'] = signal => this.#listeners.emit(signal);
  on: Kit['on'] = (kind, sink) => this.#listeners.add(kind, sink);
  onLine: Kit['onLine'] = sink => this.#logCore.addSink(sink);

  onBytes: Kit['onBytes'] = (kind, sink) => {
    if (kind === 'span') return this.#spans.add(sink);
    const remove = this.#logs.add(sink);
    this.#stopLogs ??= this.#startLogs();
    return () => {
      remove();
      if (this.#logs.active) return;
      this.#stopLogs?.();
      this.#stopLogs = undefined;
    };
  };

  routes: Kit['routes'] = group => {
    const taken = new Set(this.#groups.flatMap(other => other.paths));
    const twice = group.paths.find(path => taken.has(path));
    if (twice !== undefined) throw new PlimsollError('PLIMSOLL_DUPLICATE_ROUTE', twice);
    this.#groups.push(group);
    this.#groupsVersion += 1;
    return () => {
      const at = this.#groups.indexOf(group);
      if (at >= 0) this.#groups.splice(at, 1);
      this.#groupsVersion += 1;
    };
  };

  upgrade: Kit['upgrade'] = (path, handler) => {
    if (this.#upgrades.has(path)) throw new PlimsollError('PLIMSOLL_DUPLICATE_ROUTE', path);
    this.#upgrades.set(path, handler);
    this.core.onUpgrades?.();
    return () => {
      if (this.#upgrades.get(path) === handler) this.#upgrades.delete(path);
      this.core.onUpgrades?.();
    };
  };

  expose: Kit['expose'] = (name, snapshot) => {
    this.#exposed.set(name, snapshot);
    return () => {
      if (this.#exposed.get(name) === snapshot) this.#exposed.delete(name);
    };
  };
  read = <T>(name: string): T | undefined => this.#exposed.get(name)?.() as T | undefined;

  flushSync: Kit['flushSync'] = fn => {
    this.#flushes.push(fn);
    return () => {
      const at = this.#flushes.indexOf(fn);
      if (at >= 0) this.#flushes.splice(at, 1);
    };
  };

  use: Kit['use'] = part => this.#parts.use(this, part);

  close = (): Promise<void> => {
    this.#closing ??= this.#close();
    return this.#closing;
  };

  async #close(): Promise<void> {
    this.health.stop();
    const errors = await this.#parts.close();
    this.#flush();
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'close failed');
  }

  #listen(kind: SignalKind, sink: ((record: never) => void) | undefined): void {
    if (kind === 'log') this.#logCore.recordSink = sink as LogCore['recordSink'];
    else if (kind === 'span') this.#traceCore.recordSink = sink as TraceCore['recordSink'];
  }

  /** Each log record is encoded once, for however many sinks. Returns what ends it. */
  #startLogs(): () => void {
    const unlisten = this.#listeners.add('log', this.#encodeLog);
    // While logs go out over OTLP, an exception is a log record of its span and not an event on it.
    this.#traceCore.exceptionSink = (span, attributes) =>
      this.#encodeLog({
        kind: 'log',
        time: this.clock.now(),
        level: 'error',
        body: 'exception',
        eventName: 'exception',
        logger: 'plimsoll.trace',
        attributes,
        traceId: span.traceId,
        spanId: span.spanId,
        flags: span.flags,
      });
    return () => {
      this.#traceCore.exceptionSink = undefined;
      void unlisten();
    };
  }

  readonly #encodeLog = (record: LogRecord): void => {
    encodeLog(this.#logs.writer, record);
    this.#logs.wrote();
  };

  #flushPipes(): void {
    this.#spans.flush();
    this.#logs.flush();
  }

  #flush(): void {
    this.#flushPipes();
    for (const fn of this.#flushes) {
      try {
        fn();
      } catch {
        // The last breath of one part must not take that of the next.
      }
    }
  }
}
