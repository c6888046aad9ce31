/** A receiver and its store in a process of its own: prints one line with its URLs, then runs until it is killed. */
import { createPrivacy } from '@plimsoll/privacy';
import { createReceiver } from '../../../src/receiver/receiver.ts';
import { openDuckdbStore } from '../../../src/store/duckdb/store.ts';

const [dir = '', segmentBytes = ''] = process.argv.slice(2);
const store = await openDuckdbStore({
  dir,
  ...(segmentBytes !== '' && { segmentBytes: Number(segmentBytes) }),
});
const privacy = createPrivacy({ key: new Uint8Array(32).fill(7) });
const receiver = await createReceiver({
  ...{ store, privacy },
  http: { port: 0 },
  grpc: { port: 0 },
});
console.log(JSON.stringify({ http: receiver.httpUrl, grpc: receiver.grpcUrl }));
process.on('SIGTERM', async () => {
  await receiver.close();
  await store.close();
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ cpuMs: (user + system) / 1000, rss: process.memoryUsage().rss }));
});
