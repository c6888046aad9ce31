import { afterEach } from 'node:test';
import { decodeTraces } from '@plimsoll/wire';
import type { InitOptions } from '../../../src/config/options/table.ts';
import type { KitCore } from '../../../src/kernel/kit.ts';
import { createOtlp, type OtlpState } from '../../../src/parts/otlp/part.ts';
import { metricValue, openKit, openSink, type Sink } from './support.ts';

/** Closed after each test, the last first. */
export const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

export const QUICK = { firstRetryMs: 10, maxRetryMs: 20, retryForMs: 60_000 };

export async function sinkFor(port = 0): Promise<Sink> {
  const sink = await openSink(port);
  open.push(sink);
  return sink;
}

export async function exporting(
  options: InitOptions['otlp'] & object,
  tuning: object = QUICK,
): Promise<KitCore> {
  const kit = openKit({
    trace: { enabled: true },
    otlp: { logsExporter: 'none', metricsExporter: 'none', scheduleDelayMs: 10, ...options },
  });
  await kit.use(createOtlp(tuning));
  open.push(kit);
  return kit;
}

export const otlpOf = (kit: KitCore): OtlpState => kit.read<OtlpState>('otlp')!;
export const dropped = (kit: KitCore, reason: string, signal = 'traces'): number =>
  metricValue(kit, 'plimsoll_otlp_dropped_total', { signal, reason });
export const exported = (kit: KitCore, signal = 'traces'): number =>
  metricValue(kit, 'plimsoll_otlp_exported_total', { signal });
export const failed = (kit: KitCore, code: string): number =>
  metricValue(kit, 'plimsoll_otlp_failed_exports_total', { signal: 'traces', code });
export const namesIn = (sink: Sink): string[] =>
  sink.received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => decodeTraces(body))
    .flatMap(({ scopes }) => scopes.flatMap(({ items }) => items.map(({ name }) => name)));
export function linesOf(kit: KitCore): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  kit.onLine(line => lines.push(JSON.parse(line)));
  return lines;
}
