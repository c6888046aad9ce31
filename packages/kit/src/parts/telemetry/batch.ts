import { type Attributes, type AttributeValue, ByteWriter, encodeLog, logsRequest } from '@plimsoll/wire';
import type { Entry } from './usage.ts';

export const CONTENT_TYPE = 'application/x-protobuf';

export interface Origin {
  readonly service: string;
  readonly version: string;
  /** The installation's id. */
  readonly id: string;
  /** Lets a receiver drop what it has already: an answer that got lost is asked for again. */
  readonly batch: string;
}

/** The body of one request: OTLP logs in protobuf, a record for each entry and nothing beside. */
export function encodeBatch(entries: readonly Entry[], { service, version, id, batch }: Origin): Uint8Array {
  const writer = new ByteWriter();
  for (const entry of entries) {
    encodeLog(writer, {
      ...{ kind: 'log', level: 'info', logger: 'plimsoll.telemetry', body: entry.kind },
      time: Date.parse(entry.ts),
      eventName: entry.kind === 'crash' ? 'crash' : entry.name,
      attributes: attributesOf(entry),
    });
  }
  const resource = {
    attributes: {
      'service.name': service,
      ...(version && { 'service.version': version }),
      'plimsoll.installation.id': id,
      'plimsoll.batch.id': batch,
    },
  };
  return logsRequest({ resource, scopeName: 'plimsoll.telemetry', scopeVersion: '', logs: [writer.take()] });
}

function attributesOf(entry: Entry): Attributes {
  switch (entry.kind) {
    case 'feature':
      return entry.variant === undefined ? {} : { variant: entry.variant };
    case 'event':
      return { category: entry.category, payload: entry.payload as AttributeValue };
    case 'hook':
      return { payload: entry.payload as AttributeValue };
    default:
      return { report: entry.report };
  }
}
