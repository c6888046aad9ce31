import type * as api from '@opentelemetry/api';
import { type Baggage, isBaggageMember } from '../../signals/context/w3c.ts';
import type { Api } from './bridge.ts';

export function fromOurs(
  { propagation, baggageEntryMetadataFromString }: Api,
  baggage: Baggage,
): api.Baggage {
  const entries: Record<string, api.BaggageEntry> = {};
  for (const [key, { value, metadata }] of baggage) {
    const entry = { value, ...(metadata && { metadata: baggageEntryMetadataFromString(metadata) }) };
    Object.defineProperty(entries, key, { value: entry, enumerable: true });
  }
  return propagation.createBaggage(entries);
}

/** Without the members that would break a header: the API takes any text as a key. */
export function toOurs(baggage: api.Baggage | undefined): Baggage | undefined {
  const members = new Map<string, { value: string; metadata?: string }>();
  for (const [key, entry] of baggage?.getAllEntries() ?? []) {
    const metadata = entry.metadata?.toString();
    if (!isBaggageMember(key, metadata)) continue;
    members.set(key, { value: String(entry.value), ...(metadata && { metadata }) });
  }
  return members.size > 0 ? members : undefined;
}
