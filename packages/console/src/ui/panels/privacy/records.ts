/** A batch as a person reads it: who sends, and each record by its name. */
export interface Batch {
  readonly sender: Readonly<Record<string, unknown>>;
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

type Json = Readonly<Record<string, unknown>>;

/** OTLP/JSON without its frames. */
export function batchOf(otlp: unknown): Batch {
  const groups = listOf((otlp as Json | null)?.['resourceLogs']);
  const scopes = groups.flatMap(group => listOf(group['scopeLogs']));
  return {
    sender: Object.assign({}, ...groups.map(({ resource }) => attributesOf(resource as Json))),
    records: scopes
      .flatMap(scope => listOf(scope['logRecords']))
      .map(record => ({ [String(record['eventName'])]: attributesOf(record) })),
  };
}

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);

function attributesOf(holder: Json): Json {
  return Object.fromEntries(
    listOf(holder['attributes']).map(({ key, value }) => [String(key), plain(value as Json)]),
  );
}

/** An AnyValue's value. */
function plain(value: Json): unknown {
  const [[kind, inner] = []] = Object.entries(value ?? {});
  if (kind === 'arrayValue') return listOf((inner as Json)['values']).map(plain);
  if (kind !== 'kvlistValue') return inner ?? null;
  const entries = listOf((inner as Json)['values']);
  return Object.fromEntries(entries.map(one => [String(one['key']), plain(one['value'] as Json)]));
}
