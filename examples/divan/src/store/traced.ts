import type { Obs } from 'plimsoll';
import type { Database, Query } from './sql.ts';

type Tracer = Obs['trace'];

const SYSTEM = { sqlite: 'sqlite', postgres: 'postgresql' } as const;

/** A client span for each statement of a request; values never enter it. What runs outside of a request makes none. */
export function traced(database: Database, trace: Tracer): Database {
  if (!trace.enabled) return database;
  const system = SYSTEM[database.kind];
  const spanned =
    (query: Query): Query =>
    (text, values) => {
      if (!trace.active()) return query(text, values);
      const attributes = { 'db.system.name': system, 'db.query.text': text };
      return trace.span(summary(text), { kind: 'client', attributes }, () => query(text, values));
    };
  return {
    ...database,
    query: spanned(database.query),
    transaction: (fn, lock) => database.transaction(query => fn(spanned(query)), lock),
  };
}

/** `INSERT messages`: the verb and its table, few enough to group by. */
function summary(text: string): string {
  const [, verb = 'SQL'] = /^\s*(\w+)/.exec(text) ?? [];
  const table = /\b(?:FROM|INTO|UPDATE)\s+(\w+)/.exec(text)?.[1];
  return table ? `${verb} ${table}` : verb;
}
