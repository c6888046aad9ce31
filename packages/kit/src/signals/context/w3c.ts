/** W3C Trace Context level 2 and W3C Baggage: parsing is strict, and what is not valid is as if it were not there. */

export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  /** Bit 0 sampled, bit 1 random; the others are not passed on. */
  readonly flags: number;
}

export interface BaggageEntry {
  readonly value: string;
  /** Properties after the value, as received. */
  readonly metadata?: string;
}
export type Baggage = ReadonlyMap<string, BaggageEntry>;

const KNOWN_FLAGS = 0x03;
const LENGTH = 55;
/** 1 for `0-9a-f`; upper case is not valid in traceparent. */
const HEX = new Uint8Array(128);
for (const digit of '0123456789abcdef') HEX[digit.charCodeAt(0)] = 1;

/** Undefined for anything that level 2 does not allow; a version above 00 is read as 00. */
export function parseTraceparent(header: unknown): RemoteParent | undefined {
  if (typeof header !== 'string' || header.length < LENGTH) return undefined;
  const later = header.charCodeAt(0) !== 0x30 || header.charCodeAt(1) !== 0x30;
  if (header.length > LENGTH && !(later && header.charCodeAt(LENGTH) === 0x2d)) return undefined;
  for (let i = 0; i < LENGTH; i++) {
    const code = header.charCodeAt(i);
    if (i === 2 || i === 35 || i === 52) {
      if (code !== 0x2d) return undefined;
    } else if (HEX[code] !== 1) return undefined;
  }
  if (later && header.startsWith('ff')) return undefined;
  const traceId = header.slice(3, 35);
  const spanId = header.slice(36, 52);
  if (allZero(traceId) || allZero(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(header.slice(53, 55), 16) & KNOWN_FLAGS };
}

function allZero(id: string): boolean {
  for (let i = 0; i < id.length; i++) if (id.charCodeAt(i) !== 0x30) return false;
  return true;
}

export function formatTraceparent(context: { traceId: string; spanId: string; flags: number }): string {
  return `00-${context.traceId}-${context.spanId}-0${context.flags & KNOWN_FLAGS}`;
}

const STATE_MEMBERS = 32;
const STATE_CHARS = 512;
// Level 2 knows no tenant and system: `@` is a character like the others.
const STATE_KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
// No comma, no equals sign, printable ASCII, and no space at the end.
const STATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** The header made canonical, or undefined: one bad member makes the whole list invalid (level 2, 3.3.1.5). */
export function parseTracestate(header: unknown): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : header;
  if (typeof text !== 'string' || text.length === 0 || text.length > STATE_MEMBERS * 512) return undefined;
  const members: string[] = [];
  const keys = new Set<string>();
  for (const raw of text.split(',')) {
    const member = trim(raw);
    if (member === '') continue;
    const at = member.indexOf('=');
    const key = member.slice(0, at);
    if (at < 1 || !STATE_KEY.test(key) || !STATE_VALUE.test(member.slice(at + 1)) || keys.has(key))
      return undefined;
    keys.add(key);
    members.push(member);
  }
  if (members.length === 0 || members.length > STATE_MEMBERS) return undefined;
  // Level 2, 3.3.1.5: members longer than 128 characters go first, then from the end.
  let kept = members;
  if (kept.join(',').length > STATE_CHARS) kept = kept.filter(member => member.length <= 128);
  while (kept.join(',').length > STATE_CHARS) kept.pop();
  return kept.length > 0 ? kept.join(',') : undefined;
}

const BAGGAGE_MEMBERS = 64;
const BAGGAGE_CHARS = 8192;
const BAGGAGE_KEY = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Properties are passed on as they came, so nothing may be in them that breaks a header.
const BAGGAGE_METADATA = /^[\t\x20-\x2b\x2d-\x7e]*$/;
const BAGGAGE_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

/** Members that are not valid are left out; limits are those of the W3C text. */
export function parseBaggage(header: unknown): Baggage | undefined {
  const text = Array.isArray(header) ? header.join(',') : header;
  if (typeof text !== 'string' || text.length === 0 || text.length > BAGGAGE_CHARS) return undefined;
  const entries = new Map<string, BaggageEntry>();
  for (const member of text.split(',')) {
    const semicolon = member.indexOf(';');
    const pair = semicolon < 0 ? member : member.slice(0, semicolon);
    const at = pair.indexOf('=');
    const key = trim(pair.slice(0, at));
    const value = trim(pair.slice(at + 1));
    if (at < 1 || !BAGGAGE_KEY.test(key) || !BAGGAGE_VALUE.test(value) || entries.size >= BAGGAGE_MEMBERS)
      continue;
    const metadata = semicolon < 0 ? undefined : trim(member.slice(semicolon + 1));
    if (metadata !== undefined && !BAGGAGE_METADATA.test(metadata)) continue;
    entries.set(key, { value: decode(value), ...(metadata && { metadata }) });
  }
  return entries.size > 0 ? entries : undefined;
}

/** Whether a key and its properties can stand in the header as they are; a value is encoded, so any will do. */
export function isBaggageMember(key: string, metadata: string | undefined): boolean {
  return BAGGAGE_KEY.test(key) && (metadata === undefined || BAGGAGE_METADATA.test(metadata));
}

export function formatBaggage(baggage: Baggage): string {
  let text = '';
  let members = 0;
  for (const [key, { value, metadata }] of baggage) {
    const member = `${key}=${encodeURIComponent(value.toWellFormed())}${metadata ? `;${metadata}` : ''}`;
    if (members === BAGGAGE_MEMBERS || text.length + member.length >= BAGGAGE_CHARS) break;
    text += members === 0 ? member : `,${member}`;
    members += 1;
  }
  return text;
}

/** Without the white space that HTTP allows: blanks and tabs, no others. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
