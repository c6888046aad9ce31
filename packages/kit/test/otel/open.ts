import type { SpanRecord } from '@plimsoll/wire';
import type { InitOptions } from '../../src/config/options/table.ts';
import type { KitCore } from '../../src/kernel/kit.ts';
import { otelApiOnRequest } from '../../src/parts/otel-api/part.ts';
import { openKit } from '../unit/parts/support.ts';

export interface Registered {
  readonly kit: KitCore;
  /** Every span that ended, in this order. */
  readonly spans: SpanRecord[];
  span(name: string): SpanRecord;
  close(): Promise<void>;
}

/** A kit that is the process's OpenTelemetry until it closes. */
export async function registered(code: InitOptions = {}): Promise<Registered> {
  const kit = openKit({ ...code, trace: { enabled: true, ...code.trace } });
  const spans: SpanRecord[] = [];
  kit.on('span', span => void spans.push(span));
  await kit.use(otelApiOnRequest);
  return {
    kit,
    spans,
    span(name) {
      const found = spans.find(one => one.name === name);
      if (found === undefined) throw new Error(`no span ${name} among ${spans.map(one => one.name)}`);
      return found;
    },
    close: () => kit.close(),
  };
}

/** What was set on the span, without what every span of the API carries. */
export function attributesOf(span: SpanRecord): Record<string, unknown> {
  const { 'otel.scope.name': _name, 'otel.scope.version': _version, ...rest } = span.attributes;
  return rest;
}
