/**
 * A service that uses every part that follows a flag, with the flags of its config file: `node program.ts ROOT`. Says
 * what was loaded, opened, written and kept running by then.
 */
import { readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';

const root = process.argv[2] ?? '';
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
/** Timers and the like that would keep a process alive or cost it time; the pipe to the test is there in any case. */
const resources = (): string[] => process.getActiveResourcesInfo().filter(name => name !== 'PipeWrap');
/** Timers that are unref'd are in no list of resources, and cost as much. */
const timers: string[] = [];
for (const name of ['setTimeout', 'setInterval'] as const) {
  const real = globalThis[name] as (...args: unknown[]) => unknown;
  globalThis[name] = ((...args: unknown[]) => {
    const by = /\/parts\/(\w+)\//.exec(new Error('here').stack ?? '')?.[1];
    if (by !== undefined) timers.push(`${name} of ${by}`);
    return real(...args);
  }) as never;
}
const builtins = (): string[] =>
  (process as unknown as { moduleLoadList: string[] }).moduleLoadList.filter(name =>
    /^NativeModule (?:internal\/)?(?:inspector|sqlite)$/.test(name),
  );

const before = new Set(builtins());
const { init } = await import('plimsoll');
const obs = await init({
  ...{ service: 'off', env: 'development', runtimeRoot: root, drain: { enabled: false } },
  ...{ trace: { enabled: false }, crash: { enabled: false }, log: { stdout: false, dir: '' } },
  metrics: { runtime: false },
});
const atStart = parts();
use();
await obs.budgets.run('job', {}, () => 1);
const used = parts();
const files = readdirSync(root, { recursive: true }).map(String).sort();
const now = {
  timers: [...timers],
  resources: resources(),
  builtins: builtins().filter(name => !before.has(name)),
};
const answers: Record<string, number> = {};
for (const path of [
  'hooks',
  'providers',
  'assets',
  'perf/health',
  'perf/budgets',
  'perf/profiler/dashboard',
  'telemetry/health',
]) {
  const response = await obs.ops.handle(new Request(`http://127.0.0.1/api/${path}`), {
    address: '127.0.0.1',
  });
  answers[path] = response?.status ?? 0;
}
console.log(JSON.stringify({ atStart, used, asked: parts(), files, ...now, answers }));
process.exit(0);

/** Modules of the parts that follow flags, and what of npm's they brought. */
function parts(): string[] {
  return loaded
    .map(url =>
      /\/(?:parts\/((?:budgets|profiler|providers|assets|hooks|telemetry|crash)\/.*)|node_modules\/(?:ws|sharp|fflate|@fastify\/busboy)\/)/.exec(
        url,
      ),
    )
    .filter(found => found !== null)
    .map(found => found[1] ?? found[0]);
}

/** Every recorder, so that a lazy one would show itself. */
function use(): void {
  obs.hooks.emit('on_scene_enter', {});
  obs.hooks.on('on_scene_enter', () => {});
  obs.telemetry.event('x', {});
  obs.profiler.mark('x');
  obs.profiler.profile('x', {}, () => 1);
  obs.budgets.assets.register({ asset_id: 'x', size_mb: 1 });
  obs.budgets.shed();
  obs.budgets.snapshot();
  obs.budgets.guard();
  obs.providers.list();
  obs.providers.observe('x', { status: 200, headers: {} });
  obs.crash.capture(new Error('x'));
  void obs.assets.find?.({}).catch(() => {});
}
