/**
 * Raises numbered hooks, and writes each number to its output once it is in the queue on disk. Started again and
 * again by the test that kills it: `node raise.ts ROOT FROM TO`.
 */
import { init } from 'plimsoll';

const [root = '', from = '1', to = '1'] = process.argv.slice(2);
const obs = await init({
  ...{ service: 'raise', env: 'test', runtimeRoot: root, drain: { enabled: false } },
  log: { stdout: false },
  hooks: {
    allowPrivate: ['127.0.0.1'],
    timeoutMs: 300,
    retrySeconds: Array.from({ length: 200 }, () => '0.02'),
  },
});
const BATCH = 25;
for (let first = Number(from); first <= Number(to); first += BATCH) {
  const last = Math.min(Number(to), first + BATCH - 1);
  for (let step = first; step <= last; step++) obs.hooks.emit('on_playtest_step', { step });
  await obs.hooks.flushed();
  process.stdout.write(`${last}\n`);
  await new Promise(resolve => setTimeout(resolve, 40));
}
process.stdout.write('raised\n');
const wait = setInterval(() => {
  if (obs.hooks.webhooks().some(webhook => webhook.pending > 0)) return;
  clearInterval(wait);
  process.stdout.write('delivered\n', () => process.exit(0));
}, 20);
