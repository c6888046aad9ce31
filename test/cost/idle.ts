/** Says what keeps a process alive, and which of our modules are loaded, after `init` of a service that does nothing. */
import { registerHooks } from 'node:module';

const modules: string[] = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) modules.push(url);
    return next(url, context);
  },
});
const { init } = await import('plimsoll');
const before = process.getActiveResourcesInfo();
const obs = await init({
  service: 'cost',
  env: 'production',
  trace: { enabled: true },
  log: { stdout: false },
});
await new Promise(resolve => setTimeout(resolve, 400));
const after = process.getActiveResourcesInfo();
const refed = after.filter(name => !before.includes(name));
process.send?.({ refed, modules: modules.length });
await obs.close();
