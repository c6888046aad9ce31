// Ends in the way that HOW names, with Plimsoll or without it: all that differs is the first statement.
import { setTimeout as later } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const how = isMainThread ? process.env['HOW'] : (workerData as string);
const options = { service: 'crashing', env: 'production', log: { stdout: false } };
// Both processes are then in the same turn of the loop, and their stacks alike.
await later(1);
const kits =
  process.env['WITH'] === '1' && (isMainThread || how === 'throw-with-kit')
    ? Number(process.env['KITS'] ?? 1)
    : 0;
for (let n = 0; n < kits; n++) {
  const { init } = await import('plimsoll');
  const obs = await init(options);
  Object.assign(globalThis, { obs });
  obs.log.info({ n }, 'before_the_crash');
  obs.log.flush();
}

const worker = (work: string): Worker => new Worker(new URL(import.meta.url), { workerData: work });
const WAYS: Readonly<Record<string, () => unknown>> = {
  throw: () => setTimeout(() => broken('thrown'), 5),
  'throw-with-kit': () => setTimeout(() => broken('thrown in a worker'), 5),
  reject: () => void Promise.reject(new RangeError('nobody caught this')),
  'reject-text': () => void Promise.reject('no error at all'),
  'throw-null': () =>
    setTimeout(() => {
      throw null;
    }, 5),
  'throw-getter': () =>
    setTimeout(() => {
      throw Object.defineProperties(new Error('shy'), {
        name: { get: () => 'Shy' },
        cause: {
          get() {
            throw new Error('a second fault');
          },
        },
      });
    }, 5),
  worker: () => worker('throw'),
  'worker-with-kit': () => worker('throw-with-kit'),
  'worker-handled': () => worker('throw').on('error', error => console.log('handled', error.message)),
  handled: () => {
    process.on('uncaughtException', error => console.log('handled', error.message));
    setTimeout(() => broken('thrown and handled'), 5);
  },
  rethrown: async () => {
    const error = new Error('told and thrown on');
    const { obs } = globalThis as { obs?: { crash: { capture(error: unknown): void } } };
    // Whoever tells of an error reads its stack, and Node shows one that was read in another way.
    void error.stack;
    obs?.crash.capture(error);
    await later(1);
    throw error;
  },
  exit: () => process.exit(4),
  abort: () => process.abort(),
  wait: () => {
    setInterval(() => {}, 1000);
    console.log('ready');
  },
  memory: () => {
    const all: unknown[] = [];
    for (;;) all.push(new Array(1000).fill(all.length));
  },
};

function broken(message: string): never {
  throw new TypeError(message);
}

await WAYS[how ?? '']?.();
