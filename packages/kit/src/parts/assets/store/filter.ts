import type { AssetFilter } from '../gate.ts';
import { folded } from './rows.ts';
import type { Database, Value } from './sql.ts';

/** The ids that a filter finds: `SELECT {id} FROM {from} WHERE {where}`. */
export interface Found {
  readonly id: string;
  readonly from: string;
  readonly where: string;
  readonly values: readonly Value[];
  /** True where every row must be looked at, so that one pass should count and list. */
  readonly scans: boolean;
}

/**
 * The narrowest table that answers: a tag's rows repeat type and licence, so that a filter by all three reads one range
 * of one index. `filter.tags` come rarest first.
 */
export function foundBy(dialect: Database['dialect'], project: string, filter: AssetFilter): Found {
  const [first, ...rest] = [...new Set((filter.tags ?? []).map(folded))];
  const byTag = first !== undefined && filter.hash === undefined;
  const q = filter.q === undefined ? '' : folded(filter.q);
  const found = dialect === 'sqlite' ? 'instr(s.search, ?) > 0' : 'strpos(s.search, ?) > 0';
  const others = [filter.type, filter.hash, ...(filter.licenses ?? []), first].some(one => one !== undefined);
  if (q !== '' && !others) {
    const where = `s.project_id = ? AND ${found}`;
    return { id: 's.asset_id', from: 'plimsoll_asset_search s', where, values: [project, q], scans: true };
  }
  const [table, id] = byTag ? ['plimsoll_asset_tags t', 't.asset_id'] : ['plimsoll_assets t', 't.id'];
  const parts: string[] = ['t.project_id = ?'];
  const values: Value[] = [project];
  const add = (text: string, ...more: readonly Value[]) => {
    parts.push(text);
    values.push(...more);
  };
  if (byTag) add('t.tag = ?', first);
  if (filter.type !== undefined) add('t.type = ?', filter.type);
  if (filter.hash !== undefined) add('t.hash = ?', folded(filter.hash));
  const licenses = [...new Set((filter.licenses ?? []).map(folded))];
  if (licenses.length > 0) add(`t.license_key IN (${licenses.map(() => '?').join(', ')})`, ...licenses);
  for (const tag of byTag || first === undefined ? rest : [first, ...rest]) {
    const same = 'x.project_id = ? AND x.tag = ?';
    add(`EXISTS (SELECT 1 FROM plimsoll_asset_tags x WHERE ${same} AND x.asset_id = ${id})`, project, tag);
  }
  if (q !== '') add(found, q);
  const from = q === '' ? table : `${table} JOIN plimsoll_asset_search s ON s.asset_id = ${id}`;
  return { id, from: from as string, where: parts.join(' AND '), values, scans: q !== '' };
}
