import { flat, type Privacy } from '@plimsoll/privacy';
import { type Level, SEVERITY } from '@plimsoll/wire';
import { UTC } from './line.ts';

interface Head {
  readonly level: Level;
  readonly text: string;
}

/** Messages are mostly constants; those that are not must not fill the memory. */
const MAX_MESSAGES = 128;
const MAX_LENGTH = 80;

const LEVEL_FRAGMENT = Object.fromEntries(
  (Object.keys(SEVERITY) as Level[]).map(level => [level, `${UTC}","level":"${level}","msg":`]),
) as Record<Level, string>;

/** What stands between the time and the fields in lines of one logger: rendered once for each message. */
export class Heads {
  readonly #privacy: Privacy;
  readonly #tail: string;
  readonly #known = new Map<string, Head>();

  /** `identity` begins with a comma. */
  constructor(privacy: Privacy, logger: string, identity: string) {
    this.#privacy = privacy;
    this.#tail = flat(`,"logger":${privacy.quote(logger)}${identity}`);
  }

  /** `+00:00","level":"…","msg":"…","logger":"…","service":"…",…`, secrets removed from the message. */
  of(level: Level, message: string): string {
    const known = this.#known.get(message);
    return known !== undefined && known.level === level ? known.text : this.#render(level, message);
  }

  #render(level: Level, message: string): string {
    const text = LEVEL_FRAGMENT[level] + this.#privacy.quote(this.#privacy.text(message)) + this.#tail;
    if (message.length > MAX_LENGTH || (this.#known.size >= MAX_MESSAGES && !this.#known.has(message)))
      return text;
    const head = { level, text: flat(text) };
    this.#known.set(message, head);
    return head.text;
  }
}
