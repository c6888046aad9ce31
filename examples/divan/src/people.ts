import type { Person } from './store/store.ts';

/** Someone whom divan sees for the first time: visible, with nothing to tell. */
export function newPerson(userId: string, campusId: string | null): Person {
  return {
    userId,
    displayName: userId,
    handle: userId,
    avatarUrl: null,
    campusId,
    city: null,
    visibility: 'everyone',
    blurM: 0,
    headline: null,
    major: null,
    year: null,
    interests: null,
    languages: null,
  };
}
