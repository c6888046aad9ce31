/** Says what a service with the hook bus on or off has loaded, opened and written: `node loaded.ts ROOT`. */
import { readdirSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { registerHooks } from 'node:module';

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const root = process.argv[2] ?? '';
const { init } = await import('plimsoll');
const obs = await init({
  ...{ service: 'off', env: 'test', runtimeRoot: root, drain: { enabled: false } },
  log: { stdout: false, dir: '' },
});
obs.hooks.define({ name: 'on_own', description: 'x', payload: {} });
obs.hooks.on('on_own', () => {});
const raised = [obs.hooks.emit('on_own', {}), obs.hooks.emit('on_scene_enter', {})];
const server = createServer(obs.handler((_req, res) => void (res as ServerResponse).end()));
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
console.log(
  JSON.stringify({
    raised,
    modules: loaded
      .filter(url => /\/parts\/hooks\/|node_modules\/ws\//.test(url))
      .map(url => url.replace(/.*\/(parts\/hooks|node_modules)\//, '')),
    files: readdirSync(root)
      .filter(name => name !== 'logs')
      .sort(),
    patched: Object.hasOwn(server, 'emit') || server.listenerCount('upgrade') > 0,
    resources: process
      .getActiveResourcesInfo()
      .filter(name => name !== 'PipeWrap')
      .sort(),
  }),
);
process.exit(0);
