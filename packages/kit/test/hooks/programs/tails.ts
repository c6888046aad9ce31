/**
 * Clients of the stream in a process of their own, every tenth slow: `node tails.ts URL CLIENTS HOOKS`. Says the step
 * that every fast client has, and in the end what each client heard.
 */
import { WebSocket } from 'ws';

const [base = '', clients = '1', hooks = '1'] = process.argv.slice(2);
const last = Number(hooks);
const ended: Promise<void>[] = [];
const all: { slow: boolean; heard: unknown[]; at: number; ws: WebSocket }[] = [];
const EVERY = 20;

/** The head of a message says its step; parsing the rest half a million times would be the test's whole time. */
function stepOf(data: Buffer): number | undefined {
  const step = /"step":(\d+)/.exec(data.toString('latin1', 0, 160))?.[1];
  return step === undefined ? undefined : Number(step);
}

let said = 0;
function progress(): void {
  const least = Math.min(...all.filter(({ slow }) => !slow).map(({ at }) => at));
  if (least < said + EVERY) return;
  said = least - (least % EVERY);
  process.stdout.write(`${said}\n`);
}

for (let i = 0; i < Number(clients); i++) {
  const ws = new WebSocket(`${base}/api/hooks/ws`, { skipUTF8Validation: true });
  const client = { slow: i % 10 === 0, heard: [] as unknown[], at: 0, ws };
  all.push(client);
  ended.push(
    new Promise((resolve, reject) => {
      ws.on('error', reject);
      ws.on('message', data => {
        const step = stepOf(data as Buffer);
        if (step === undefined) {
          const { overflow } = JSON.parse(String(data)) as { overflow?: unknown };
          if (overflow !== undefined) client.heard.push(overflow);
          return;
        }
        client.heard.push(step);
        client.at = step;
        if (!client.slow && step % EVERY === 0) progress();
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
process.stdout.write('heard\n');
for (const { slow, heard } of all) process.stdout.write(`${JSON.stringify({ slow, heard })}\n`);
process.stdout.write('', () => process.exit(0));
