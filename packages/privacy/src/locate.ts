import { stripUrl } from './url.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const LONG_MIXED = /^(?=.*\d)[\w-]{16,}$/;
const HEX = /^(?=.*\d)[0-9a-f]{8,}$/i;
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const EXTENSION = /[^.]\.[A-Za-z][A-Za-z0-9]{0,9}$/;
/** Where files live; below these a path names a person or a machine, so only its last part stays. */
const FILE_ROOT =
  /^(?:[A-Za-z]:|~|\/(?:home|Users|root|srv|var|tmp|opt|mnt|etc|usr|private|Volumes)(?:\/|$))/;
/** Its last part is a person's name. */
const HOME = /^(?:[A-Za-z]:)?[/\\](?:home|Users)[/\\][^/\\]+[/\\]?$/;
const URL = /^([a-z][a-z0-9+.-]{0,30}:\/\/[^/]*)(\/.*)?$/i;
/** A position's or a price's part of a path. */
const NUMBER = /^[+-]?\d+(?:[.,][+-]?\d+)*$/;
/** `u-1`, `user_48213`: a kind and a number. */
const NUMBERED = /^[a-z]{1,12}[-_]\d+$/i;
const MAX_LOCATOR = 2048;

/** Whether a part of a path is somebody's or something's id: digits, a UUID, a ULID, hex, a long mix. */
export function isId(part: string): boolean {
  return /^\d+$/.test(part) || UUID.test(part) || HEX.test(part) || ULID.test(part) || LONG_MIXED.test(part);
}

/**
 * The shape of a locator: a file's base name, a route with `:id` for ids, a URL's origin and such a route.
 * Login, query and fragment are gone. `/users/48213?x=1` is `/users/:id`, `/home/anna/a.png` is `a.png`.
 */
export function locatorShape(text: string): string {
  const plain = stripUrl(text.slice(0, MAX_LOCATOR));
  const url = URL.exec(plain);
  if (url !== null) {
    const [, origin = '', path = ''] = url;
    return origin.toLowerCase().startsWith('file:') ? baseName(path) : origin + route(path);
  }
  if (HOME.test(plain)) return '~';
  if (plain.includes('\\') || FILE_ROOT.test(plain)) return baseName(plain);
  if (plain.startsWith('/') && !EXTENSION.test(plain)) return route(plain);
  return baseName(plain);
}

function route(path: string): string {
  return path
    .split('/')
    .map(part => (isValue(part) ? ':id' : template(part)))
    .join('/');
}

/** A router's own words need no escapes: what has one was put in by a caller. */
const isValue = (part: string): boolean => part.includes('%') || NUMBER.test(part) || NUMBERED.test(part);

function baseName(path: string): string {
  const parts = path.split(/[/\\]/).filter(part => part !== '');
  return template(parts.at(-1) ?? '');
}

/** An id's file keeps its extension: `48213.png` is `:id.png`. */
function template(part: string): string {
  const dot = part.lastIndexOf('.');
  const stem = dot > 0 ? part.slice(0, dot) : part;
  return isId(stem) ? `:id${dot > 0 ? part.slice(dot) : ''}` : part;
}
