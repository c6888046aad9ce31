import type { FindingCode } from '@plimsoll/wire';
import { parseBoolean } from './boolean.ts';
import { shown } from './finding.ts';
import type { OptionRow } from './options/row.ts';

export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: FindingCode; readonly message: string };

const good = (value: unknown): Parsed => ({ ok: true, value });
const bad = (code: FindingCode, message: string): Parsed => ({ ok: false, code, message });

/** Reads a variable's text as the row's type. */
export function parseText(row: OptionRow, text: string): Parsed {
  const word = text.trim();
  switch (row.type) {
    case 'boolean': {
      const value = parseBoolean(word);
      if (value !== undefined) return good(value);
      return bad(
        'invalid_boolean',
        `Invalid boolean value '${shown(text)}'. Expected: true/false, 1/0, yes/no`,
      );
    }
    case 'integer':
    case 'number':
      // Number() alone would take '', ' ', '0x1f' and 'Infinity'.
      if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return notNumeric(row, text);
      return checkNumber(row, Number(word));
    case 'list':
      return good(splitList(word));
    case 'map':
      return parseMap(word);
    default:
      return checkValue(row, word);
  }
}

/** Checks a value of JSON or of code; texts are not read as booleans or numbers here. */
export function checkValue(row: OptionRow, value: unknown): Parsed {
  switch (row.type) {
    case 'boolean':
      return typeof value === 'boolean' ? good(value) : bad('invalid_type', 'Expected: true or false');
    case 'integer':
    case 'number':
      return typeof value === 'number' ? checkNumber(row, value) : bad('invalid_type', 'Expected: a number');
    case 'list':
      if (typeof value === 'string') return good(splitList(value));
      if (Array.isArray(value) && value.every(item => typeof item === 'string')) return good([...value]);
      return bad('invalid_type', 'Expected: a list of texts');
    case 'map':
      return checkMap(value);
    case 'handed':
      return (typeof value === 'object' && value !== null) || typeof value === 'function'
        ? good(value)
        : bad('invalid_type', 'Expected: an object, from code');
    default:
      if (typeof value !== 'string') return bad('invalid_type', 'Expected: a text');
      return checkWord(row, value);
  }
}

function checkWord(row: OptionRow, text: string): Parsed {
  if (row.type === 'enum') {
    const lower = text.trim().toLowerCase();
    const value = row.aliases?.[lower] ?? lower;
    if (row.values?.includes(value)) return good(value);
    return bad('invalid_value', `Invalid value '${shown(text)}'. Must be one of: ${row.values?.join(', ')}`);
  }
  if (row.type === 'url') {
    if (hasHost(text, ['http', 'https', 'grpc', 'grpcs'])) return good(text.trim());
    if (row.bareHost && isBareHost(text)) return good(text.trim());
    return bad('invalid_url', 'Invalid URL. Expected: http(s)://host[:port] or grpc://host[:port]');
  }
  if (row.type === 'key') {
    // 32 bytes are 43 digits and one sign of padding, in the plain or the URL-safe alphabet.
    if (/^[\w+/-]{43}=?$/.test(text.trim())) return good(text.trim());
    return bad('invalid_key', 'Invalid key. Expected: base64 of 32 bytes, as from `openssl rand -base64 32`');
  }
  return good(text);
}

function checkNumber(row: OptionRow, value: number): Parsed {
  if (!Number.isFinite(value)) return notNumeric(row, String(value));
  if (row.type === 'integer' && !Number.isSafeInteger(value)) return notNumeric(row, String(value));
  if (row.min !== undefined && value < row.min) {
    return bad('below_minimum', `Value ${value} is below minimum ${row.min}`);
  }
  if (row.max !== undefined && value > row.max) {
    return bad('above_maximum', `Value ${value} exceeds maximum ${row.max}`);
  }
  return good(value);
}

function notNumeric(row: OptionRow, text: string): Parsed {
  const expected = row.type === 'integer' ? 'a whole number' : 'a number';
  return bad('invalid_number', `Invalid numeric value '${shown(text)}'. Expected: ${expected}`);
}

function splitList(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map(item => item.trim())
    .filter(item => item !== '');
}

/** `name=value,name=value`, percent-decoded, as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS. */
function parseMap(text: string): Parsed {
  const pairs: [string, string][] = [];
  for (const item of splitList(text)) {
    const at = item.indexOf('=');
    if (at < 1) return bad('invalid_map', 'Invalid list. Expected: name=value,name=value');
    try {
      pairs.push([
        decodeURIComponent(item.slice(0, at).trim()),
        decodeURIComponent(item.slice(at + 1).trim()),
      ]);
    } catch {
      return bad('invalid_map', 'Invalid percent-encoding in a name or value');
    }
  }
  return good(Object.fromEntries(pairs));
}

function checkMap(value: unknown): Parsed {
  if (!isObject(value)) return bad('invalid_type', 'Expected: an object of texts');
  const pairs: [string, string][] = [];
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    if (!['string', 'number', 'boolean'].includes(typeof item)) {
      return bad('invalid_type', `Expected: a text for ${shown(name)}`);
    }
    pairs.push([name, String(item)]);
  }
  return good(Object.fromEntries(pairs));
}

/** A URL of one of these schemes, with a host and a port in range. */
export function hasHost(text: string, schemes: readonly string[]): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text.trim())?.[1]?.toLowerCase();
  if (scheme === undefined || !schemes.includes(scheme)) return false;
  try {
    return new URL(text.trim()).hostname !== '';
  } catch {
    return false;
  }
}

/** `host:port` without a scheme. */
export function isBareHost(text: string): boolean {
  return /^(\[[\da-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(text.trim());
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
