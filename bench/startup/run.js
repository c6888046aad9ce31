// Plain JavaScript, so that no type stripping is measured. Says how long the process took to be ready, and its memory.
const [, , what, sink, folder] = process.argv;

const subjects = {
  async empty() {},
  async on() {
    const { init } = await import('../../packages/kit/dist/index.js');
    const obs = await init({
      service: 'bench',
      env: 'production',
      log: { stdout: false, dir: folder, samplingRateInfo: 1 },
      trace: { enabled: true, ratio: 1 },
      otlp: { endpoint: sink },
      ops: { adminToken: ['bench-admin-token'] },
    });
    obs.health.check('one', async () => true);
    obs.health.check('two', async () => true);
  },
  async off() {
    const { init } = await import('../../packages/kit/dist/index.js');
    await init({ enabled: false });
  },
  async opentelemetry() {
    const { NodeSDK } = await import('@opentelemetry/sdk-node');
    const { getNodeAutoInstrumentations } = await import('@opentelemetry/auto-instrumentations-node');
    new NodeSDK({ instrumentations: [getNodeAutoInstrumentations()] }).start();
  },
  async sentry() {
    const Sentry = await import('@sentry/node');
    Sentry.init({ dsn: `http://bench@${new URL(sink).host}/1`, tracesSampleRate: 1 });
  },
  async datadog() {
    const { default: tracer } = await import('dd-trace');
    tracer.init({ startupLogs: false });
  },
  async pino_prom() {
    await import('pino');
    await import('prom-client');
  },
};

await subjects[what]();
const ready = performance.now();
process.send({ ms: ready, rss: process.memoryUsage.rss() }, () => process.exit(0));
