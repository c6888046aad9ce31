/**
 * What fixed foreign code took on the quiet machine of 2026-11-23 (commit 44305c6), on which the targets in ns, µs, ms
 * and spans a second were set. A run measures the same code beside ours, and so knows how much slower its machine is.
 */
import type { Framework } from './servers.ts';

/** Processor time of a bare request, µs. */
export const BARE_CPU: Readonly<Record<Framework, number>> = {
  ...{ fastify: 11.6, express: 20.4, hono: 13.7, node: 11.7 },
};

/** A call of a peer, ns. */
export const PEER_NS = {
  prom_counter_3_labels: 203.9,
  prom_histogram_3_labels: 328.2,
  otel_span_6_attributes_encoded: 3046.8,
  otel_api_off_span: 11.8,
  pino_6_fields: 1629.3,
  pino_20_fields: 3284.1,
} as const;
export type Peer = keyof typeof PEER_NS;

/** The case of ours that is timed at the same time as a peer. */
export const BESIDE: Readonly<Record<string, Peer>> = {
  counter_3_labels: 'prom_counter_3_labels',
  histogram_3_labels: 'prom_histogram_3_labels',
  span_6_attributes_encoded: 'otel_span_6_attributes_encoded',
  log_6_fields: 'pino_6_fields',
  // No peer redacts and hashes; this one builds and writes as many fields.
  redact_35_keys_hash_6: 'pino_20_fields',
};

/** prom-client's text, ms, by series. */
export const SCRAPE_MS: Readonly<Record<number, number>> = { 10000: 13.3, 100000: 168.7 };

/** What OpenTelemetry's SDK with its instrumentations adds to an empty process, ms. */
export const STARTUP_MS = 498;
