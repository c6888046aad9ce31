import fastify, { type FastifyInstance } from 'fastify';
import { type InitOptions, init, type Obs } from 'plimsoll';
import { migrationCheck } from 'plimsoll/kit';
import { requireCaller } from './auth.ts';
import { chatRoutes } from './chat/routes.ts';
import type { Divan } from './divan.ts';
import { answer, answerFailures } from './failure.ts';
import { peopleRoutes } from './groups/people.ts';
import { activityRoutes, roomRoutes } from './groups/routes.ts';
import { leaderboardRoutes, rollover } from './leaderboard.ts';
import { divanMetrics } from './metrics.ts';
import { nearbyRoutes } from './nearby/routes.ts';
import { presenceRoutes } from './presence/routes.ts';
import { type Settings, settingsFrom } from './settings.ts';
import { openStore } from './store/open.ts';
import { type Store, StoreUnavailable } from './store/store.ts';

export interface DivanOptions {
  /** Default: from the environment. */
  readonly settings?: Settings;
  /** Default: as the settings say. It is migrated here, and closed with the rest. */
  readonly store?: Store;
  /** Milliseconds since the epoch; for tests. */
  readonly now?: () => number;
  /** Plimsoll's options, over divan's own. */
  readonly obs?: InitOptions;
}

export interface DivanApp {
  readonly app: FastifyInstance;
  readonly obs: Obs;
  readonly store: Store;
  readonly development: boolean;
  /** Stops listening, lets running requests end, closes the store and flushes what is buffered. Safe twice. */
  close(): Promise<void>;
}

const MIGRATE_AGAIN_MS = 250;
const MIGRATE_SELDOM_MS = 8000;

/** The campus service, observed, not yet listening. It starts without its database too, and says so in /health/ready. */
export async function createDivan(options: DivanOptions = {}): Promise<DivanApp> {
  const { settings = settingsFrom(process.env), now = Date.now } = options;
  const app = fastify({
    bodyLimit: 64 * 1024,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
  });
  const obs = await init(app, {
    service: 'divan-api',
    namespace: 'divan',
    ...options.obs,
    http: { correlationIdHeader: 'X-Correlation-ID', traceparentHeader: true, ...options.obs?.http },
  });
  const store = options.store ?? openStore({ ...settings, trace: obs.trace });
  const development = settings.development ?? obs.config.development;
  const divan: Divan = { obs, metrics: divanMetrics(obs), settings, store, now, development };
  const stopMigrating = await migrate(divan);
  checks(divan);
  obs.ops.job('leaderboard_rollover', () => rollover(divan), {
    path: '/ops/rollover',
    failed: 'rollover_failed',
  });
  routes(app, divan);
  await obs.health.start();

  let closing: Promise<void> | undefined;
  const close = async () => {
    stopMigrating();
    await app.close();
    await store.close();
    await obs.close();
  };
  return { app, obs, store, development, close: () => (closing ??= close()) };
}

function checks({ obs, store, settings, development }: Divan): void {
  if (store.kind === 'postgres') {
    obs.health.check('postgres', () => store.ping(), { timeoutMs: 300, metric: true });
  }
  const required = obs.config.get('health.minMigration') || '0001';
  obs.health.check('migrations', migrationCheck({ version: () => store.version(), required }));
  if (!settings.jwtSecret && !development) {
    obs.health.finding({ field: 'JWT_SECRET', code: 'missing_secret' });
  }
}

function routes(app: FastifyInstance, divan: Divan): void {
  answerFailures(app);
  if (divan.settings.shed) app.addHook('onRequest', divan.obs.budgets.guard().fastify);
  app.get('/', async () => ({ service: 'divan-api', health: '/health', ops: '/ops/' }));
  app.register(async scope => {
    requireCaller(scope, divan);
    chatRoutes(scope, divan);
    presenceRoutes(scope, divan);
    nearbyRoutes(scope, divan);
    peopleRoutes(scope, divan);
    roomRoutes(scope, divan);
    activityRoutes(scope, divan);
    leaderboardRoutes(scope, divan);
  });
}

/** Where the database can't be reached yet, tries again until it can; the teardown ends that. */
async function migrate({ store, obs }: Divan): Promise<() => void> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let wait = MIGRATE_AGAIN_MS;
  const attempt = async (): Promise<void> => {
    try {
      await store.migrate();
    } catch (err) {
      if (!(err instanceof StoreUnavailable)) throw err;
      if (stopped) return;
      obs.log.warn({ code: err.code, retry_ms: wait }, 'migrations_postponed');
      timer = setTimeout(again, wait).unref();
      wait = Math.min(wait * 2, MIGRATE_SELDOM_MS);
    }
  };
  const again = () => attempt().catch(err => obs.log.error({ err }, 'migrations_failed'));
  await attempt();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
