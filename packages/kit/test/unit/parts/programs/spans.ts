// Records SPANS spans, one metric and one line, and ends without closing anything.
import { loadConfig } from '../../../../src/config/load.ts';
import { createKit } from '../../../../src/kernel/create-kit.ts';
import { otlp } from '../../../../src/parts/otlp/part.ts';

const code = {
  service: 'spans',
  env: 'production',
  trace: { enabled: true },
  otlp: { endpoint: process.env['ENDPOINT'], timeoutMs: 500 },
};
const kit = createKit({ config: loadConfig({ code, env: {} }) });
await kit.use(otlp);
kit.metrics.counter('ends_total', { help: 'Ends' }).inc();
kit.log.warn('on the way out');
for (let n = 0; n < Number(process.env['SPANS']); n++) kit.trace.start(`span ${n}`).end();
