import fs from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';

/** A service with every flag false: what it loads and which files it opens, told to the parent at its end. */
const [root = ''] = process.argv.slice(2);
const loaded: string[] = [];
const opened: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const note = <T extends object>(on: T, name: keyof T): void => {
  const real = on[name] as (...args: unknown[]) => unknown;
  on[name] = ((...args: unknown[]) => {
    opened.push(String(args[0]));
    return real.apply(on, args);
  }) as T[keyof T];
};
for (const name of ['openSync', 'readFileSync', 'open', 'readFile', 'createReadStream'] as const)
  note(fs, name);
for (const name of ['open', 'readFile'] as const) note(fs.promises, name);
syncBuiltinESMExports();

const { init } = await import('plimsoll');
const obs = await init({
  ...{
    service: 'off',
    env: 'development',
    runtimeRoot: root,
    log: { stdout: false },
    crash: { enabled: false },
  },
  ...{ trace: { enabled: false } },
});
const atStart = loaded.length;
const recorded = [
  obs.telemetry.feature('x'),
  obs.telemetry.event('x', { a: 1 }),
  obs.telemetry.registerCrash('/x'),
  obs.telemetry.summary().telemetry_active,
];
const parts = loaded.filter(url => url.includes('/parts/telemetry/'));
const ask = async (method: string, path: string, body?: object) => {
  const request = new Request(`http://127.0.0.1/api/telemetry/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await obs.ops.handle(request, { address: '127.0.0.1' }))?.json();
};
const answers = [
  await ask('POST', 'events', { event: 'x' }),
  await ask('POST', 'features', { feature: 'x' }),
  await ask('GET', 'summary'),
  await ask('GET', 'health'),
];
process.send?.({
  ...{ atStart, parts, recorded, answers },
  opened: opened.filter(path => path.includes(root)),
  later: loaded.filter(url => url.includes('/parts/telemetry/')),
});
await obs.close();
