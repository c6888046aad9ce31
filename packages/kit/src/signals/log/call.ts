import type { Privacy } from '@plimsoll/privacy';
import { builtin } from '../../base/builtin.ts';

type Fields = Record<string, unknown>;

interface Call {
  readonly fields: Fields | undefined;
  readonly message: string;
}

const UNREADABLE = '[unreadable]';

/**
 * pino's call forms: (fields, message?, ...args), (error, message?), (message, ...args). Never throws: getters,
 * proxies and `toString` are the caller's, and a line that can't show a value is worth more than none.
 */
export function parse(args: unknown[], core: { privacy: Privacy; format: 'service' | 'event' }): Call {
  const first = args[0];
  if (typeof first === 'string') {
    return { fields: undefined, message: args.length === 1 ? first : formatted(args, core.privacy) };
  }
  const text = textAfter(args, core.privacy);
  if (first === null || typeof first !== 'object') {
    if (text !== undefined || first === undefined) return { fields: undefined, message: text ?? '' };
    // Host A: what is no text is not the event's name.
    if (core.format === 'event') return { fields: { message: first }, message: 'log' };
    return { fields: undefined, message: textOf(first) };
  }
  if (isError(first)) return { fields: { err: first }, message: text ?? errorText(first) };
  return { fields: first as Fields, message: text ?? messageOf(first as Fields) };
}

function textAfter(args: unknown[], privacy: Privacy): string | undefined {
  const second = args[1];
  if (second === undefined) return undefined;
  if (args.length === 2 && typeof second === 'string') return second;
  return formatted(args.slice(1), privacy);
}

/** printf's way. Objects in a message are no fields, so they pass the policy here. */
function formatted(args: unknown[], privacy: Privacy): string {
  if (args.length === 1) return textOf(args[0]);
  const [template, ...rest] = args;
  const values = rest.map(value => printable(value, privacy));
  try {
    return builtin('node:util').format(textOf(template), ...values);
  } catch {
    // `%j` of a bigint.
    return [template, ...values].map(textOf).join(' ');
  }
}

function printable(value: unknown, privacy: Privacy): unknown {
  if (typeof value === 'function') return textOf(value);
  if (typeof value !== 'object' || value === null) return value;
  return isError(value) ? errorText(value) : privacy.redact(value, 'logs');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    // A function's text is its source.
    return typeof value === 'function' ? `[function ${value.name}]` : String(value);
  } catch {
    return UNREADABLE;
  }
}

function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    return false;
  }
}

function errorText(error: Error): string {
  return textOf(read(error, 'message'));
}

/** Without a message the event's name stands for it, and an error's own text after that. */
function messageOf(fields: Fields): string {
  const event = read(fields, 'event');
  if (typeof event === 'string') return event;
  const err = read(fields, 'err');
  return isError(err) ? errorText(err) : 'log';
}

function read(object: object, key: string): unknown {
  try {
    return (object as Fields)[key];
  } catch {
    return UNREADABLE;
  }
}

/** `{ ...under, ...over }`, also where a getter throws. */
export function merge(under: Fields | undefined, over: object | undefined): Fields {
  try {
    return { ...under, ...over };
  } catch {
    return { ...under, ...readable(over as object) };
  }
}

function readable(fields: object): Fields {
  try {
    return Object.fromEntries(Object.keys(fields).map(key => [key, read(fields, key)]));
  } catch {
    return {};
  }
}

/** Whether a call's fields replace bound ones. */
export function overlap(bound: Fields, fields: Fields): boolean {
  try {
    for (const key in fields) if (key in bound) return true;
    return false;
  } catch {
    return true;
  }
}
