import { randomBytes } from 'node:crypto';
import type { Level } from '@plimsoll/wire';
import type { Config } from '../config/load.ts';
import { tracingOn } from '../config/rules.ts';
import type { TraceCore } from '../signals/trace/tracer.ts';
import type { Kit } from './part.ts';

export function idsOnly(core: TraceCore): Pick<Kit['trace'], 'inject' | 'extract'> {
  return { inject: carrier => core.inject(carrier), extract: carrier => core.extract(carrier) };
}

export function logOptions(config: Config) {
  return {
    service: config.get('service'),
    env: config.get('env'),
    commit: config.get('commit'),
    level: config.get('log.level') as Level | 'silent',
    format: config.get('log.format'),
    samplingRateInfo: config.get('log.samplingRateInfo'),
    samplingMode: config.get('log.samplingMode'),
    busyLinesPerSecond: config.get('log.busyLinesPerSecond'),
    userId: config.get('log.userId'),
  };
}

export function traceOptions(config: Config) {
  return {
    enabled: tracingOn(config),
    ratio: config.get('trace.ratio'),
    slowMs: config.get('trace.slowMs'),
    keepErrors: config.get('trace.keepErrors'),
    keepErrorsUnderUnsampledParent: config.get('trace.keepErrorsUnderUnsampledParent'),
  };
}

/** `privacy.hashKey`, else random for this process: ids then can't be followed across restarts. */
export function hashKey(config: Config): Uint8Array {
  const given = config.get('privacy.hashKey');
  return given ? Buffer.from(given, 'base64') : randomBytes(32);
}
