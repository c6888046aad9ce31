import type { Database } from './sql.ts';
import type { GroupStore } from './store.ts';

const JOIN =
  'INSERT INTO room_members (room_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING user_id';

export function sqlGroups({ query, transaction }: Database): GroupStore {
  return {
    createRoom: ({ roomId, name, ownerId, at }) =>
      transaction(async inside => {
        await inside('INSERT INTO rooms (room_id, name, owner_id, at) VALUES ($1, $2, $3, $4)', [
          roomId,
          name,
          ownerId,
          at,
        ]);
        await inside(JOIN, [roomId, ownerId]);
      }),
    room: async roomId => {
      const [row] = await query('SELECT * FROM rooms WHERE room_id = $1', [roomId]);
      return (
        row && {
          roomId,
          name: row['name'] as string,
          ownerId: row['owner_id'] as string,
          at: row['at'] as number,
        }
      );
    },
    join: async (roomId, userId) => (await query(JOIN, [roomId, userId])).length > 0,
    isMember: async (roomId, userId) =>
      (await query('SELECT 1 AS one FROM room_members WHERE room_id = $1 AND user_id = $2', [roomId, userId]))
        .length > 0,
    createActivity: async ({ activityId, kind, ownerId, at }) => {
      const insert = 'INSERT INTO activities (activity_id, kind, owner_id, at) VALUES ($1, $2, $3, $4)';
      await query(insert, [activityId, kind, ownerId, at]);
    },
    activity: async activityId => {
      const [row] = await query('SELECT * FROM activities WHERE activity_id = $1', [activityId]);
      return (
        row && {
          activityId,
          kind: row['kind'] as string,
          ownerId: row['owner_id'] as string,
          at: row['at'] as number,
        }
      );
    },
    complete: async (activityId, at) => {
      const update =
        'UPDATE activities SET completed_at = $2 WHERE activity_id = $1 AND completed_at IS NULL RETURNING activity_id';
      return (await query(update, [activityId, at])).length > 0;
    },
  };
}
