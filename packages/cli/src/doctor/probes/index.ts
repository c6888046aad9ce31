import type { Probe } from '../probe.ts';
import { config } from './config.ts';
import { crash } from './crash.ts';
import { http } from './http.ts';
import { metrics } from './metrics.ts';
import { signals } from './signals.ts';
import { structlog } from './structlog.ts';
import { timing } from './timing.ts';
import { traceTest } from './trace-test.ts';
import { webhook } from './webhook.ts';

/** In the order in which they run and stand in the report. The first three are the seed's; a further one is a file and a line. */
export const PROBES: readonly Probe[] = [
  http,
  crash,
  structlog,
  signals,
  webhook,
  timing,
  metrics,
  traceTest,
  config,
];
