import type { Catalogue } from '../catalogue.ts';

/** What a client asked for: all hooks, or these. */
export type Topics = ReadonlySet<string> | 'all';

export interface Asked {
  readonly topics?: Topics;
  /** Names and topics that the catalogue does not have; then nothing else counts. */
  readonly unknown?: readonly string[];
  /** Hooks after this id come first. */
  readonly after?: string;
}

/** `?topics=a,b` or `topic=a&topic=b`, by name or by ws_topic, and `after=ID`. */
export function askedByQuery(query: URLSearchParams, catalogue: Catalogue): Asked {
  const words = [...query.getAll('topics').flatMap(text => text.split(',')), ...query.getAll('topic')]
    .map(word => word.trim())
    .filter(word => word !== '');
  const after = query.get('after');
  return {
    ...(words.length > 0 && resolve(words, catalogue)),
    ...(after !== null && after !== '' && { after }),
  };
}

/**
 * A client's message: `{topics}` puts them in place of the ones before, `{subscribe}` and `{unsubscribe}` change
 * them, `{after}` asks for what it missed. Text that is no JSON object, and `topics` that are no list, mean all
 * hooks, as clients of the first host know it. Undefined for a message that asks for nothing.
 */
export function askedByMessage(text: string, current: Topics, catalogue: Catalogue): Asked | undefined {
  const message = parse(text);
  if (message === undefined) return { topics: 'all' };
  const { topics, subscribe, unsubscribe, after } = message;
  const resumed = typeof after === 'string' && { after };
  if (subscribe !== undefined || unsubscribe !== undefined) {
    const more = resolve(list(subscribe), catalogue);
    const fewer = resolve(list(unsubscribe), catalogue);
    const unknown = [...(more.unknown ?? []), ...(fewer.unknown ?? [])];
    if (unknown.length > 0) return { unknown };
    return { topics: changed({ current, more, fewer }, catalogue), ...resumed };
  }
  if ('topics' in message)
    return { ...(Array.isArray(topics) ? resolve(topics, catalogue) : { topics: 'all' }), ...resumed };
  if (resumed) return resumed;
  return 'ping' in message || 'pong' in message ? undefined : { topics: 'all' };
}

/** A first `subscribe` of a client that has everything narrows it to that. */
function changed(
  { current, more, fewer }: { current: Topics; more: Asked; fewer: Asked },
  catalogue: Catalogue,
): Topics {
  const added = more.topics === undefined || more.topics === 'all' ? [] : [...more.topics];
  const removed = fewer.topics === undefined || fewer.topics === 'all' ? [] : [...fewer.topics];
  const from = current !== 'all' ? current : added.length > 0 ? [] : catalogue.names();
  const left = new Set([...from, ...added]);
  for (const name of removed) left.delete(name);
  return left;
}

function resolve(words: readonly unknown[], catalogue: Catalogue): Asked {
  const names = words.map(word => (typeof word === 'string' ? catalogue.nameOf(word) : undefined));
  const unknown = words.filter((_word, at) => names[at] === undefined).map(shown);
  return unknown.length > 0 ? { unknown } : { topics: new Set(names as string[]) };
}

/** What goes back to its own sender, but short. */
const shown = (word: unknown): string => String(typeof word === 'string' ? word : typeof word).slice(0, 64);

const list = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
