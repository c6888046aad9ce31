// A service that writes LINES lines and ends SPANS spans, and then ends itself in the way that END names.
import { init } from 'plimsoll';

const { END, DIR, ENDPOINT, LINES = '500', SPANS = '20' } = process.env;
const drain = (signal: string): void => {
  setTimeout(() => {
    console.error(`drained after ${signal}`);
    process.exit(7);
  }, 50);
};
if (END === 'own-once-before') process.once('SIGTERM', drain);

const options = {
  service: 'ending',
  env: 'production',
  log: { samplingRateInfo: 1, ...(DIR && { dir: DIR }) },
  ...(ENDPOINT && { otlp: { endpoint: ENDPOINT, metricsExporter: 'none', logsExporter: 'none' } }),
} as const;
const obs = await init(options);
if (END === 'two-kits') await init({ ...options, log: { stdout: false } });
if (END === 'own-once-after') process.once('SIGTERM', drain);
if (END === 'own-on-after') process.on('SIGTERM', drain);
if (END === 'bad-teardown') {
  await obs.use({
    name: 'bad',
    setup: () => () => {
      throw new Error('a teardown');
    },
  });
}

for (let n = 1; n <= Number(LINES); n++) obs.log.info({ n }, 'counted');
for (let n = 0; n < Number(SPANS); n++) obs.trace.span(`span ${n}`, () => {});

if (END === 'exit') process.exit(3);
if (END === 'exit-code') process.exitCode = 5;
if (END === 'throw') throw new Error('the program broke, says someone@example.org');
if (END === 'reject') void Promise.reject(new Error('nobody caught this'));
if (END === 'wait' || END === 'two-kits' || END?.startsWith('own-')) {
  setInterval(() => {}, 1000);
  // To the parent, who sends the signal then.
  console.error('ready');
}
