/**
 * Sets members of a JSON text without writing the rest of it anew, so that the order, spacing and numbers of whoever
 * keeps the file stay theirs. The text must parse, to an object.
 */

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Member {
  readonly key: string;
  readonly keyFrom: number;
  readonly value: Span;
}

const BLANK = /\s*/y;
const WORD = /[^\s,\]}]+/y;

/** Sets `value` at `path`; objects on the way are made where they are missing, or are none. */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  const root = skip(text, text.charCodeAt(0) === 0xfeff ? 1 : 0);
  return setIn(text, { at: root, path, value, depth: 1 });
}

interface Edit {
  /** Where the object begins. */
  readonly at: number;
  readonly path: readonly string[];
  readonly value: unknown;
  readonly depth: number;
}

function setIn(text: string, { at, path, value, depth }: Edit): string {
  const [key = '', ...rest] = path;
  const members = membersOf(text, at);
  // Of a name that stands there twice, readers take the last.
  const member = members.findLast(one => one.key === key);
  if (member === undefined) return insert(text, { at, members, key, value: nested(rest, value), depth });
  if (rest.length > 0 && text[member.value.from] === '{') {
    return setIn(text, { at: member.value.from, path: rest, value, depth: depth + 1 });
  }
  return splice(text, member.value, render(nested(rest, value), depth));
}

const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight((inner, key) => ({ [key]: inner }), value);

function render(value: unknown, depth: number): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${'  '.repeat(depth)}`);
}

function insert(
  text: string,
  to: { at: number; members: readonly Member[]; key: string; value: unknown; depth: number },
): string {
  const member = `${JSON.stringify(to.key)}: ${render(to.value, to.depth)}`;
  const last = to.members.at(-1);
  if (last === undefined) {
    const end = skip(text, to.at + 1);
    return splice(
      text,
      { from: to.at + 1, to: end },
      `\n${'  '.repeat(to.depth)}${member}\n${'  '.repeat(to.depth - 1)}`,
    );
  }
  // As far from the one before it as that one is from its own.
  const before = text.slice(0, last.keyFrom);
  const gap = /\s*$/.exec(before)?.[0] ?? '';
  return splice(text, { from: last.value.to, to: last.value.to }, `,${gap}${member}`);
}

function splice(text: string, { from, to }: Span, put: string): string {
  return text.slice(0, from) + put + text.slice(to);
}

function membersOf(text: string, at: number): readonly Member[] {
  const members: Member[] = [];
  for (let i = skip(text, at + 1); text[i] === '"'; ) {
    const keyEnd = endOfText(text, i);
    const from = skip(text, skip(text, keyEnd) + 1);
    const to = endOfValue(text, from);
    members.push({ key: JSON.parse(text.slice(i, keyEnd)) as string, keyFrom: i, value: { from, to } });
    const next = skip(text, to);
    if (text[next] !== ',') break;
    i = skip(text, next + 1);
  }
  return members;
}

function skip(text: string, at: number): number {
  BLANK.lastIndex = at;
  BLANK.test(text);
  return BLANK.lastIndex;
}

/** After the closing quote. */
function endOfText(text: string, at: number): number {
  let i = at + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

function endOfValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return endOfText(text, at);
  if (first !== '{' && first !== '[') {
    WORD.lastIndex = at;
    WORD.test(text);
    return WORD.lastIndex;
  }
  let depth = 0;
  for (let i = at; ; ) {
    const char = text[i];
    if (char === '"') i = endOfText(text, i);
    else {
      if (char === '{' || char === '[') depth += 1;
      else if (char === '}' || char === ']') depth -= 1;
      i += 1;
      if (depth === 0) return i;
    }
  }
}
