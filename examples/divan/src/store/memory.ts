import { memoryChat } from './memory-chat.ts';
import { memoryPeople } from './memory-people.ts';
import { NEWEST } from './migrations.ts';
import type { Activity, BoardStore, GroupStore, Room, Score, Standing, Store } from './store.ts';

/** Everything in maps, for tests and for reading: each method runs without an await, so each is atomic. */
export function memoryStore(): Store {
  let version: string | undefined;
  return {
    kind: 'memory',
    chat: memoryChat(),
    ...memoryPeople(),
    groups: memoryGroups(),
    board: memoryBoard(),
    migrate: async () => {
      version = NEWEST;
    },
    version: async () => version,
    ping: async () => {},
    close: async () => {},
  };
}

function memoryGroups(): GroupStore {
  const rooms = new Map<string, Room>();
  const members = new Map<string, Set<string>>();
  const activities = new Map<string, Activity>();
  const completed = new Set<string>();
  return {
    createRoom: async room => {
      rooms.set(room.roomId, room);
      members.set(room.roomId, new Set([room.ownerId]));
    },
    room: async roomId => rooms.get(roomId),
    join: async (roomId, userId) => {
      const inside = members.get(roomId);
      if (!inside || inside.has(userId)) return false;
      inside.add(userId);
      return true;
    },
    isMember: async (roomId, userId) => members.get(roomId)?.has(userId) ?? false,
    createActivity: async activity => void activities.set(activity.activityId, activity),
    activity: async activityId => activities.get(activityId),
    complete: async activityId => {
      if (completed.has(activityId) || !activities.has(activityId)) return false;
      completed.add(activityId);
      return true;
    },
  };
}

function memoryBoard(): BoardStore {
  const days = new Map<string, Map<string, Score>>();
  const frozen = new Map<string, Map<string, Standing[]>>();
  return {
    add: async score => {
      const day = days.get(score.day) ?? new Map<string, Score>();
      days.set(score.day, day);
      const old = day.get(score.userId);
      const campusId = score.campusId ?? old?.campusId ?? null;
      day.set(score.userId, { ...score, campusId, points: score.points + (old?.points ?? 0) });
    },
    snapshot: async (day, size) => {
      const scopes = new Map<string, Standing[]>();
      const best = [...(days.get(day)?.values() ?? [])].sort(
        (a, b) => b.points - a.points || (a.userId < b.userId ? -1 : 1),
      );
      for (const { userId, campusId, points } of best) {
        for (const scope of campusId === null ? ['global'] : ['global', `campus:${campusId}`]) {
          const standings = scopes.get(scope) ?? [];
          scopes.set(scope, standings);
          if (standings.length < size) standings.push({ rank: standings.length + 1, userId, points });
        }
      }
      frozen.set(day, scopes);
      return [...scopes.keys()].sort();
    },
    standings: async (day, scope) => frozen.get(day)?.get(scope) ?? [],
  };
}
