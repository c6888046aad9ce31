import { Hono } from 'hono';
import { type InitOptions, init, type Obs } from 'plimsoll';
import { Advisory } from './export/advisory.ts';
import { licencePolicy, type Policy } from './export/policy.ts';
import { exportRoutes } from './export/routes.ts';
import { answerFailures } from './failure.ts';
import { jobRoutes } from './jobs/routes.ts';
import { seedPreset } from './obs.ts';
import { planRoutes } from './plan/routes.ts';
import { saveRoutes } from './save/routes.ts';
import { sceneRoutes } from './scene/routes.ts';
import { prepareRoot, type Settings, settingsFrom } from './settings.ts';
import type { JobBudget, Studio } from './studio.ts';

export interface StudioOptions {
  /** Default: from the environment. */
  readonly settings?: Settings;
  /** Default: a warning for assets without a licence. */
  readonly policy?: Policy;
  /** Default: Plimsoll's budgets. */
  readonly budget?: JobBudget;
  /** Milliseconds since the epoch; for tests. */
  readonly now?: () => number;
  /** Plimsoll's options, over studio's own. */
  readonly obs?: InitOptions;
}

export interface StudioApp {
  readonly app: Hono;
  readonly obs: Obs;
  readonly settings: Settings;
  /** Flushes what is buffered. The server is the caller's to close before. */
  close(): Promise<void>;
}

/** The story studio, observed, not yet listening. */
export async function createStudio(options: StudioOptions = {}): Promise<StudioApp> {
  const { settings = settingsFrom(process.env), now = Date.now } = options;
  prepareRoot(settings);
  const app = new Hono();
  const preset = seedPreset(settings.runtimeRoot);
  const obs = await init(app, {
    ...preset,
    ...options.obs,
    http: { ...preset.http, ...options.obs?.http },
    ops: { ...preset.ops, ...options.obs?.ops },
    log: { ...preset.log, ...options.obs?.log },
    telemetry: { ...preset.telemetry, ...options.obs?.telemetry },
    hooks: { ...preset.hooks, ...options.obs?.hooks },
    assets: { ...preset.assets, ...options.obs?.assets },
  });
  routes(app, {
    ...{ obs, settings, now, budget: options.budget ?? obs.budgets },
    policy: options.policy ?? licencePolicy,
    advisory: new Advisory(settings.runtimeRoot, now),
  });
  await obs.health.start();
  return { app, obs, settings, close: () => obs.close() };
}

function routes(app: Hono, studio: Studio): void {
  answerFailures(app, studio.obs);
  app.get('/', c => c.json({ service: 'studio', health: '/health', ops: '/ops/' }));
  // Older names of /health, whose readers want the status and nothing else.
  for (const path of ['/healthz', '/status']) {
    app.get(path, c => c.json({ status: studio.obs.health.ready().ok ? 'ok' : 'degraded' }));
  }
  sceneRoutes(app, studio);
  saveRoutes(app, studio);
  planRoutes(app);
  exportRoutes(app, studio);
  jobRoutes(app, studio);
}
