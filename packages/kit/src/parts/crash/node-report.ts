import type { Privacy } from '@plimsoll/privacy';
import { mapText } from './map-text.ts';

/** Of a diagnostic report, what tells of the process and not of its machine, its user or its peers. */
const KEPT = [
  'javascriptStack',
  'javascriptHeap',
  'nativeStack',
  'resourceUsage',
  'uvthreadResourceUsage',
  'workers',
  'userLimits',
  'sharedObjects',
] as const;
const HEADER = [
  'reportVersion',
  'event',
  'trigger',
  'dumpEventTime',
  'processId',
  'nodejsVersion',
  'arch',
  'platform',
];

type Loose = Readonly<Record<string, unknown>>;

/** Node's report of this process without environment, network and command line, redacted; as JSON text. */
export function nodeReport(error: unknown, privacy: Privacy): string | undefined {
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  const before = report.excludeNetwork ?? false;
  try {
    // Else it asks the resolver for the name of every peer, and waits.
    report.excludeNetwork = true;
    const full = report.getReport(error instanceof Error ? error : undefined) as unknown as Loose;
    const libuv = (full['libuv'] as readonly Loose[] | undefined)?.map(
      ({ type, is_active, is_referenced }) => ({
        ...{ type, is_active, is_referenced },
      }),
    );
    const kept = { header: pick(full['header'] as Loose, HEADER), ...pick(full, KEPT), libuv };
    return `${JSON.stringify(
      mapText(kept, text => privacy.text(text, 'dumps')),
      null,
      2,
    )}\n`;
  } catch {
    return undefined;
  } finally {
    report.excludeNetwork = before;
  }
}

export function pick(from: Loose | undefined, names: readonly string[]): Loose {
  return Object.fromEntries(names.flatMap(name => (from && name in from ? [[name, from[name]]] : [])));
}
