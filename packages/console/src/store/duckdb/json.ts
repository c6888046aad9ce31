import type { Attributes, AttributeValue } from '@plimsoll/wire';

/**
 * Values as JSON text that gives them back exactly. What JSON does not know is a map with one name: `$i` an int64,
 * `$d` a double (NaN, the infinities, -0), `$b` bytes in base64; a map that happens to look so stands in `$m`.
 */
export function toJson(value: AttributeValue): string {
  return JSON.stringify(isPlain(value) ? value : tagged(value));
}

export function attributesToJson(attributes: Attributes): string {
  for (const key in attributes) {
    const value = attributes[key]!;
    if (typeof value === 'string') continue;
    if (!isPlain(value)) return JSON.stringify(taggedMap(attributes));
  }
  return JSON.stringify(attributes);
}

export function fromJson(text: string): AttributeValue {
  const value = JSON.parse(text) as AttributeValue;
  return text.includes('"$') ? untagged(value) : value;
}

/** The names at the top are names, never a tag. */
export function attributesFromJson(text: string): Attributes {
  const value = JSON.parse(text) as Record<string, AttributeValue>;
  if (text.includes('"$')) {
    for (const [name, inner] of Object.entries(value)) setOwn(value, name, untagged(inner));
  }
  return value;
}

function isPlain(value: AttributeValue): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && (value !== 0 || !Object.is(value, -0));
    case 'object':
      if (value === null) return true;
      if (value instanceof Uint8Array) return false;
      if (Array.isArray(value)) return value.every(isPlain);
      return Object.keys(value).every(key => !key.startsWith('$')) && Object.values(value).every(isPlain);
    default:
      return false;
  }
}

function tagged(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return { $i: String(value) };
  if (typeof value === 'number')
    return isPlain(value) ? value : { $d: Object.is(value, -0) ? '-0' : String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return { $b: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(tagged);
  const map = taggedMap(value as Attributes);
  const names = Object.keys(map);
  return names.length === 1 && names[0]!.startsWith('$') ? { $m: map } : map;
}

function taggedMap(map: Attributes): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(map)) setOwn(out, name, tagged(value));
  return out;
}

function untagged(value: AttributeValue): AttributeValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(untagged);
  const map = value as Record<string, AttributeValue>;
  const names = Object.keys(map);
  if (names.length === 1) {
    const inner = map[names[0]!]!;
    if (names[0] === '$i') return BigInt(inner as string);
    if (names[0] === '$d') return Number(inner as string);
    if (names[0] === '$b') return new Uint8Array(Buffer.from(inner as string, 'base64'));
    if (names[0] === '$m') return untaggedMap(inner as Record<string, AttributeValue>);
  }
  return untaggedMap(map);
}

function untaggedMap(map: Record<string, AttributeValue>): Attributes {
  const out: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(map)) setOwn(out, name, untagged(value));
  return out;
}

/** A plain assignment to `__proto__` would change the object's prototype. */
function setOwn<T>(into: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
  } else into[name] = value;
}
