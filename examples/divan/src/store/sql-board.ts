import { bytewise, type Database } from './sql.ts';
import type { BoardStore } from './store.ts';

export function sqlBoard(database: Database): BoardStore {
  const { query, transaction } = database;
  const best = `ORDER BY points DESC, ${bytewise(database, 'user_id')}`;
  const freeze = `INSERT INTO standings (day, scope, place, user_id, points)
    SELECT day, scope, place, user_id, points FROM (
      SELECT day, 'global' AS scope, ROW_NUMBER() OVER (${best}) AS place, user_id, points
      FROM scores WHERE day = $1
      UNION ALL
      SELECT day, 'campus:' || campus_id, ROW_NUMBER() OVER (PARTITION BY campus_id ${best}), user_id, points
      FROM scores WHERE day = $1 AND campus_id IS NOT NULL
    ) ranked WHERE place <= $2`;
  return {
    add: async ({ day, userId, campusId, points }) => {
      await query(
        `INSERT INTO scores (day, user_id, campus_id, points) VALUES ($1, $2, $3, $4)
         ON CONFLICT (day, user_id) DO UPDATE SET points = scores.points + excluded.points,
         campus_id = COALESCE(excluded.campus_id, scores.campus_id)`,
        [day, userId, campusId, points],
      );
    },
    snapshot: (day, size) =>
      transaction(async inside => {
        await inside('DELETE FROM standings WHERE day = $1', [day]);
        await inside(freeze, [day, size]);
        const scopes = `SELECT DISTINCT ${bytewise(database, 'scope')} AS scope FROM standings WHERE day = $1 ORDER BY 1`;
        return (await inside(scopes, [day])).map(row => row['scope'] as string);
      }, 'snapshot'),
    standings: async (day, scope) => {
      const select =
        'SELECT place, user_id, points FROM standings WHERE day = $1 AND scope = $2 ORDER BY place';
      return (await query(select, [day, scope])).map(row => ({
        rank: row['place'] as number,
        userId: row['user_id'] as string,
        points: row['points'] as number,
      }));
    },
  };
}
