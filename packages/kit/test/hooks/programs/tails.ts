/** Clients of the stream in a process of their own, every tenth slow: `node tails.ts URL CLIENTS HOOKS`. */
import { WebSocket } from 'ws';

const [base = '', clients = '1', hooks = '1'] = process.argv.slice(2);
const last = Number(hooks);
const ended: Promise<void>[] = [];
const all: { slow: boolean; heard: unknown[]; ws: WebSocket }[] = [];

for (let i = 0; i < Number(clients); i++) {
  const ws = new WebSocket(`${base}/api/hooks/ws`, { skipUTF8Validation: true });
  const client = { slow: i % 10 === 0, heard: [] as unknown[], ws };
  all.push(client);
  ended.push(
    new Promise((resolve, reject) => {
      ws.on('error', reject);
      ws.on('message', data => {
        const { data: { step } = { step: undefined }, overflow } = JSON.parse(String(data));
        if (overflow !== undefined) client.heard.push(overflow);
        else if (step !== undefined) client.heard.push(step);
        if (step === last) resolve();
      });
    }),
  );
  await new Promise(resolve => ws.once('open', resolve));
}
// A slow client takes nothing at all while the hooks are raised, and then all that is left for it.
for (const { slow, ws } of all) if (slow) ws.pause();
process.stdout.write('connected\n');
process.stdin.once('data', () => {
  for (const { slow, ws } of all) if (slow) ws.resume();
});
await Promise.all(ended);
for (const { slow, heard, ws } of all) {
  process.stdout.write(`${JSON.stringify({ slow, heard })}\n`);
  ws.terminate();
}
process.stdin.unref();
process.exitCode = 0;
setTimeout(() => process.exit(0), 200);
