import type { Level, SpanKind, SpanRecord } from '../signals.ts';
import { SPAN_KIND } from '../signals.ts';
import type { MutableAttributes } from './decode-value.ts';
import { LOGGER_KEY, PARENT_KNOWN, PARENT_REMOTE } from './encode.ts';
import type { DecodedLog, Temporality } from './types.ts';

/** A record while its fields are still being read, from protobuf or from JSON. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

const KINDS = Object.keys(SPAN_KIND) as readonly SpanKind[];
const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const TEMPORALITIES: readonly Temporality[] = ['unspecified', 'delta', 'cumulative'];

/** The protocol lets a receiver take a kind that is not set as internal; an unknown one is treated the same. */
export function spanKindOf(number: number): SpanKind {
  return KINDS[number - 1] ?? 'internal';
}

export function statusCodeOf(number: number): 0 | 1 | 2 {
  return number === 1 || number === 2 ? number : 0;
}

export function temporalityOf(number: number): Temporality {
  return TEMPORALITIES[number] ?? 'unspecified';
}

export function setSpanFlags(span: Draft<SpanRecord>, flags: number): void {
  span.flags = flags & 0xff;
  if ((flags & PARENT_KNOWN) !== 0) span.parentRemote = (flags & PARENT_REMOTE) !== 0;
}

/** What follows from the fields of a log record once all are read. */
export function finishLog(log: Draft<DecodedLog>, attributes: MutableAttributes): DecodedLog {
  if (log.severityNumber > 24) log.severityNumber = 24;
  log.level = log.severityNumber > 0 ? LEVELS[(log.severityNumber - 1) >> 2]! : 'info';
  if (Object.hasOwn(attributes, LOGGER_KEY)) {
    const { [LOGGER_KEY]: logger, ...rest } = attributes;
    if (typeof logger === 'string' && logger !== '') {
      log.logger = logger;
      log.attributes = rest;
    }
  }
  return log;
}
