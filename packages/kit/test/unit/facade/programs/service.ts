import { registerHooks } from 'node:module';
import * as telemetry from '../../../../src/public/telemetry.ts';
import { misuse } from './calls.ts';

/** A service whose environment chooses the facade's backend; prints the facade's series, and what it loaded after its gate. */
const { MISUSE, INITS = '1', MISSING, METRICS_OFF } = process.env;
const loaded: string[] = [];
registerHooks({
  resolve(specifier, context, next) {
    if (MISSING && specifier.endsWith(MISSING)) throw new Error(`cannot find ${specifier}`);
    return next(specifier, context);
  },
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const { init } = await import('../../../../src/public/index.ts');

telemetry.track_event('before_init');
const code = { service: 'facade-test', metrics: { runtime: false, ...(METRICS_OFF && { enabled: false }) } };
const all = [];
for (let i = 0; i < Number(INITS); i++) all.push(await init({ ...code, log: { samplingRateInfo: 1 } }));
const [obs] = all;
if (!obs) throw new Error('no init');

let wrong = 0;
if (MISUSE) wrong = misuse(telemetry);
else {
  obs.trace.span('request', () => {
    telemetry.track_event('signup', { plan: 'pro', password: 'hunter2secret', room_count: 3 });
    telemetry.trackMetric('queue_depth', 7, { queue: 'mail' });
    telemetry.track_timing('render', 250, { scene: 'intro' });
  });
  telemetry.trackEvent('tick');
}
const text = Buffer.from(await obs.metrics.expose('prometheus')).toString();
for (const one of all) await one.close();
telemetry.track_event('after_close');

const series = text.split('\n').filter(line => line.startsWith('telemetry_'));
const facade = loaded.filter(url => url.includes('/parts/facade/')).map(url => url.split('/').at(-1));
console.error(JSON.stringify({ wrong, series, facade }));
