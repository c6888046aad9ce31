// Long because its methods share the maps that the factory closes over.
import type { Around, Found, Listing, PeopleStore, Person, PlaceStore, Position } from './store.ts';

export function memoryPeople(): { people: PeopleStore; places: PlaceStore } {
  const people = new Map<string, Person>();
  const positions = new Map<string, Position>();
  const friends = new PairSet();
  const invites = new PairSet();
  const blocks = new PairSet();

  const find = (viewerId: string, person: Person, friendsOnly?: boolean): Found | undefined => {
    const { userId, visibility } = person;
    const isFriend = friends.has(viewerId, userId);
    const hidden = userId === viewerId || blocks.has(viewerId, userId) || blocks.has(userId, viewerId);
    const allowed = visibility === 'everyone' || (visibility === 'friends' && isFriend);
    return hidden || !allowed || (friendsOnly && !isFriend) ? undefined : { person, isFriend };
  };

  const peopleStore: PeopleStore = {
    put: async person => void people.set(person.userId, person),
    ensure: async person => void (people.has(person.userId) || people.set(person.userId, person)),
    get: async userId => people.get(userId),
    invite: async (from, to) => {
      const barred = blocks.has(from, to) || blocks.has(to, from) || friends.has(from, to);
      return !barred && invites.add(from, to);
    },
    accept: async (from, to) => {
      if (!invites.delete(from, to)) return false;
      friends.add(from, to);
      friends.add(to, from);
      return true;
    },
    block: async (userId, blockedId) => void blocks.add(userId, blockedId),
  };
  const places: PlaceStore = {
    put: async position => void positions.set(position.userId, position),
    get: async userId => positions.get(userId),
    remove: async userId => void positions.delete(userId),
    around: async around => {
      const found: Found[] = [];
      for (const { userId, lat, lon, campusId, at } of positions.values()) {
        const person = people.get(userId);
        if (!person || at < around.since || !inside(around, lat, lon)) continue;
        if (around.campusId !== undefined && campusId !== around.campusId) continue;
        const one = find(around.viewerId, person, around.friendsOnly);
        if (one) found.push({ ...one, lat, lon });
      }
      return found.sort((a, b) => flat(around, a) - flat(around, b)).slice(0, around.limit);
    },
    listing: async listing => {
      const found: Found[] = [];
      for (const person of people.values()) {
        if (!lists(listing, person)) continue;
        const one = find(listing.viewerId, person, listing.friendsOnly);
        const position = positions.get(person.userId);
        const fresh = position && position.at >= listing.since;
        if (one) found.push(fresh ? { ...one, lat: position.lat, lon: position.lon } : one);
      }
      return found.sort((a, b) => (a.person.userId < b.person.userId ? -1 : 1)).slice(0, listing.limit);
    },
  };
  return { people: peopleStore, places };
}

const lists = ({ campusId, city }: Listing, person: Person) =>
  city === undefined ? campusId !== undefined && person.campusId === campusId : person.city === city;

function inside({ box }: Around, lat: number, lon: number): boolean {
  if (lat < box.south || lat > box.north) return false;
  return box.west <= box.east ? lon >= box.west && lon <= box.east : lon >= box.west || lon <= box.east;
}

/** Squared degrees, longitude shrunk by the viewer's latitude: good enough to choose the nearest. */
function flat(around: Around, found: Found): number {
  const apart = Math.abs(found.lon! - around.lon);
  const east = Math.min(apart, 360 - apart) * Math.cos((around.lat * Math.PI) / 180);
  return (found.lat! - around.lat) ** 2 + east ** 2;
}

class PairSet {
  readonly #pairs = new Set<string>();

  has(from: string, to: string): boolean {
    return this.#pairs.has(JSON.stringify([from, to]));
  }

  /** False where the pair was there. */
  add(from: string, to: string): boolean {
    const size = this.#pairs.size;
    return this.#pairs.add(JSON.stringify([from, to])).size > size;
  }

  delete(from: string, to: string): boolean {
    return this.#pairs.delete(JSON.stringify([from, to]));
  }
}
