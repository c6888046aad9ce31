/**
 * divan with a campus of people on it, in a process of its own. `argv[2]`: `shed` or `plain`; `argv[3]`: its config
 * file, `argv[4]`: a folder for logs, `argv[5]`: whether to plant something for a profile to find, `argv[6]`: where
 * its spans go.
 */
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { createDivan } from '../../examples/divan/src/app.ts';
import { CAMPUS } from '../../examples/divan/src/demo.ts';
import { newPerson } from '../../examples/divan/src/people.ts';

const PEOPLE = 300;
const BEGAN = Date.now();
const [, , variant, configFile = '', folder = '', planted, sink = ''] = process.argv;

const divan = await createDivan({
  // Time stands still, else nobody is near once the heartbeats below are minutes old.
  now: planted === 'planted' ? hotNow : () => BEGAN,
  settings: { development: true, nearbyPerMinute: 1e9, heartbeatsPerMinute: 1e9, shed: variant === 'shed' },
  obs: {
    env: 'production',
    configFiles: [configFile],
    log: { stdout: false, dir: folder },
    ...(sink === ''
      ? { trace: { enabled: false } }
      : {
          trace: { enabled: true, ratio: 1 },
          otlp: { endpoint: sink, metricsExporter: 'none', logsExporter: 'none' },
        }),
    ops: { adminToken: ['bench-admin-token'] },
  },
});
const { app, store } = divan;
for (let n = 0; n < PEOPLE; n++) {
  const id = `u-${n}`;
  await store.people.put({ ...newPerson(id, CAMPUS.campusId), displayName: id, handle: id });
  const headers = { 'x-user-id': id, 'x-campus-id': CAMPUS.campusId };
  const place = {
    lat: CAMPUS.lat + ((n % 18) - 9) * 0.0002,
    lon: CAMPUS.lon + (Math.floor(n / 18) - 9) * 0.0002,
  };
  const payload = {
    ...place,
    accuracy_m: 8,
    campus_id: CAMPUS.campusId,
    device_id: id,
    ts_client: Date.now(),
  };
  const { statusCode } = await app.inject({ method: 'POST', url: '/presence/heartbeat', headers, payload });
  if (statusCode >= 300) throw new Error(`a heartbeat got ${statusCode}`);
}
let collections = 0;
new PerformanceObserver(list => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const shed = divan.obs.budgets.snapshot()?.shed;
  const { idle, active } = performance.eventLoopUtilization();
  process.send?.({ cpu: user + system, at: performance.now(), idle, active, shed, collections });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url });

/** Planted, so that a profile has something to name: divan asks for the time in every request. */
function hotNow(): number {
  plantedHotFunction();
  return Date.now();
}

function plantedHotFunction(): number {
  let sum = 0;
  for (let n = 0; n < 200_000; n++) sum += Math.sqrt(sum + n);
  return sum;
}
