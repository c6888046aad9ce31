/** Says how many bytes each call leaves on the heap, everything on and everything off. */
import { init } from 'plimsoll';

type Calls = Record<string, () => void>;
const N = 20_000;

function callsOf(obs: Awaited<ReturnType<typeof init>>): Calls {
  const labels = { route: '/a', method: 'GET', status: '200' };
  const names = ['route', 'method', 'status'] as const;
  const counter = obs.metrics.counter('cost_total', { help: 'Cost', labels: names });
  const histogram = obs.metrics.histogram('cost_seconds', { help: 'Cost', labels: names });
  const counted = counter.handle(labels);
  const observed = histogram.handle(labels);
  const attributes = { 'app.a': 'x', 'app.b': 'y', 'app.c': 3, 'app.d': true, 'app.e': 0.5, 'app.f': 'z' };
  const fields = { a: 'x', b: 'y', c: 3, d: true, e: 0.5, f: 'z' };
  return {
    counter_handle: () => counted.inc(),
    histogram_handle: () => observed.observe(0.2),
    counter_labels: () => counter.inc(labels),
    histogram_labels: () => histogram.observe(labels, 0.2),
    span: () => obs.trace.start('work', { attributes }).end(),
    log: () => obs.log.error(fields, 'room_created'),
    log_below_level: () => obs.log.debug('not_written'),
  };
}

async function measure(obs: Awaited<ReturnType<typeof init>>): Promise<Record<string, number>> {
  const bytes: Record<string, number> = {};
  for (const [name, call] of Object.entries(callsOf(obs))) {
    for (let i = 0; i < N; i++) call();
    await new Promise(resolve => setTimeout(resolve, 300));
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < N; i++) call();
    bytes[name] = (process.memoryUsage().heapUsed - before) / N;
  }
  return bytes;
}

const on = await init({
  ...{ service: 'cost', env: 'production', trace: { enabled: true }, log: { stdout: false } },
});
on.onBytes('span', () => {});
on.onLine(() => {});
const bytes = { on: await measure(on), off: {} as Record<string, number> };
await on.close();
bytes.off = await measure(await init({ enabled: false }));
process.send?.(bytes);
process.exit(0);
