import { newPerson } from './people.ts';
import type { Store } from './store/store.ts';

export const CAMPUS = { campusId: 'c-1', city: 'Delft', lat: 52.0022, lon: 4.3736 };

const NAMES = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Alan', 'Katherine', 'Tony', 'Frances'];
const MAJORS = ['Physics', 'Architecture', 'Industrial Design', 'Computer Science'];

/** `u-1` to `u-8`: a campus for `npm start`. `u-8` is only seen by friends, and nobody sees `u-7`. */
export async function seedDemo({ people }: Store): Promise<string[]> {
  const ids = NAMES.map((_, i) => `u-${i + 1}`);
  for (const [i, name] of NAMES.entries()) {
    await people.put({
      ...newPerson(ids[i]!, CAMPUS.campusId),
      displayName: name,
      handle: name.toLowerCase(),
      city: CAMPUS.city,
      major: MAJORS[i % MAJORS.length]!,
      year: 2027 + (i % 3),
      blurM: i === 5 ? 50 : 0,
      visibility: i === 6 ? 'nobody' : i === 7 ? 'friends' : 'everyone',
    });
  }
  for (const [from, to] of [
    ['u-1', 'u-2'],
    ['u-1', 'u-8'],
  ] as const) {
    await people.invite(from, to, Date.now());
    await people.accept(from, to);
  }
  return ids;
}
