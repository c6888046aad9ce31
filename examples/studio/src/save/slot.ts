import { Refusal } from '../failure.ts';

const LONGEST = 80;
/** The path of the list: a slot of this name could be written and never read. */
const RESERVED = 'list';

/** The name of a slot as it is filed; 400 where nothing is left of it. The same name gives the same slot, always. */
export function slotOf(name: string): string {
  const slot = stripped(
    stripped(
      name
        .trim()
        .toLowerCase()
        .replaceAll(' ', '-')
        .replaceAll(/[^a-z0-9_-]+/g, '-'),
    ).slice(0, LONGEST),
  );
  if (slot === '') throw new Refusal(400, 'slot name is empty');
  if (slot === RESERVED) throw new Refusal(400, `slot name '${RESERVED}' is reserved`);
  return slot;
}

const stripped = (text: string): string => text.replace(/^[-_]+|[-_]+$/g, '');
