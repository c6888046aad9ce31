import { subscribe } from 'node:diagnostics_channel';
import { registerHooks } from 'node:module';

/** Uses the facade where it is off, and prints what that touched. INIT=1 runs init before. */
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const obs = process.env['INIT'] ? await (await import('../../../../src/public/index.ts')).init() : undefined;
const telemetry = await import('../../../../src/public/telemetry.ts');
const { misuse } = await import('./calls.ts');

let sockets = 0;
for (const channel of ['net.client.socket', 'tracing:net.server.listen:asyncStart', 'udp.socket']) {
  subscribe(channel, () => {
    sockets++;
  });
}
let reads = 0;
const watched = {
  get seen() {
    reads++;
    return reads;
  },
};
const before = process.getActiveResourcesInfo();
loaded.length = obs ? loaded.length : 0;
const modules = loaded.length;
const wrong = misuse(telemetry);
for (let i = 0; i < 1_000_000; i++) {
  telemetry.track_event('e', watched);
  telemetry.track_metric('m', i, watched);
  telemetry.track_timing('t', i, watched);
}
let after = process.getActiveResourcesInfo();
// What the facade opened would stay; a line that the kit itself writes meanwhile does not.
for (let n = 0; n < 200 && after.some(resource => !before.includes(resource)); n++) {
  await new Promise(resolve => setTimeout(resolve, 10));
  after = process.getActiveResourcesInfo();
}

const text = obs ? Buffer.from(await obs.metrics.expose('prometheus')).toString() : '';
await obs?.close();
console.error(
  JSON.stringify({
    ...{ wrong, reads, sockets, late: loaded.slice(modules), names: Object.keys(telemetry) },
    facade: loaded.filter(url => url.includes('/parts/facade/')).map(url => url.split('/').at(-1)),
    resources: { before, after },
    metrics: text.split('\n').filter(line => line.startsWith('telemetry_')),
  }),
);
