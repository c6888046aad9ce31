import type { AllLimits, BudgetJob } from '@plimsoll/wire';
import * as wire from '@plimsoll/wire/ops';
import { OpsError } from '../../base/ops-error.ts';
import type { Kit, Route } from '../../kernel/part.ts';
import { profileHealth } from '../../kernel/ports.ts';
import type { Desk } from './desk.ts';
import type { AssetInput, BudgetCalls } from './gate.ts';
import { healthOf, type Shown, shownBy } from './views.ts';

type Body<T> = { readonly body: T };

/** `/api/perf`: health, which always answers, and what is 403 while budgets are off. */
export function routes(kit: Kit): Route[] {
  const desk = (): Desk => {
    const impl = kit.read<BudgetCalls>('budgets');
    if (impl === undefined) throw new OpsError('enable_perf flag disabled');
    return impl as Desk;
  };
  const prefix = kit.config.get('perf.prefix');
  const guarded = (routes: readonly Omit<Route, 'access' | 'authorize'>[]): Route[] =>
    routes.map(route => ({
      ...{ ...route, path: `${prefix}/budgets${route.path}`, access: 'local' },
      authorize: () => void desk(),
    }));
  const shown = shownBy(kit.privacy);
  return [health(kit, prefix), ...guarded([...limits(desk, shown), ...jobs(desk, shown), ...assets(desk)])];
}

const ON = { ok: true, feature_flag: true } as const;

function health(kit: Kit, prefix: string): Route {
  return {
    ...{ method: 'GET', path: `${prefix}/health`, access: 'local' },
    ...{ query: wire.perfHealthQuery, answer: wire.perfHealthAnswer },
    summary: 'Budgets and profiler, whether on or off',
    handle: ({ search }) => {
      const { limit } = search as { limit: number };
      const desk = kit.read<BudgetCalls>('budgets') as Desk | undefined;
      const budgets = desk === undefined ? null : healthOf(desk);
      const profiler = profileHealth(kit)?.health(limit) ?? null;
      const { umbrella, legacy } = kit.flags.subsystem('budgets');
      return {
        ok: true,
        feature_flag: budgets !== null || profiler !== null,
        flags: { umbrella, budgets: legacy, profiler: kit.flags.subsystem('profiler').legacy },
        ...{ budgets_enabled: budgets !== null, profiler_enabled: profiler !== null, budgets, profiler },
      };
    },
  };
}

function limits(desk: () => Desk, shown: Shown): Omit<Route, 'access'>[] {
  const answer = wire.applyAnswer;
  const told = (all: AllLimits) => ({ ...ON, ...split(all), persisted: desk().limits.persisted });
  return [
    {
      ...{ method: 'GET', path: '', answer: wire.budgetsAnswer, summary: 'Limits, jobs and assets' },
      handle: () => ({ ...ON, ...shown.all(desk().snapshot()) }),
    },
    {
      ...{ method: 'POST', path: '/apply', body: wire.applyRequest, answer, summary: 'Change limits' },
      handle: async ({ body }) => told(await desk().apply(body as object)),
    },
    {
      ...{ method: 'POST', path: '/reset', answer, summary: 'Limits as the options say' },
      handle: async () => told(await desk().reset()),
    },
  ];
}

function split({ max_loop_delay_ms, max_loop_utilization, ...limits }: AllLimits) {
  return { limits, loop_limits: { max_loop_delay_ms, max_loop_utilization } };
}

function jobs(desk: () => Desk, shown: Shown): Omit<Route, 'access'>[] {
  const found = (id: string, job: BudgetJob | undefined) => {
    if (job === undefined) throw new OpsError('job_not_found', { literal: `job ${id} not found` });
    return { ...ON, job: shown.job(job) };
  };
  return [
    {
      ...{ method: 'POST', path: '/jobs/register', body: wire.jobRegisterRequest },
      ...{ answer: wire.jobRegisterAnswer, summary: 'Ask whether a job may start' },
      handle: ({ body }) => ({
        ...ON,
        ...room(() => desk().register(body as wire.JobRegisterRequest as never)),
      }),
    },
    {
      ...{ method: 'POST', path: '/jobs/start', body: wire.jobRegisterRequest },
      ...{ answer: wire.jobAnswer, summary: 'Say that a job runs' },
      handle: ({ body: { job_id: id } }: Body<wire.JobRegisterRequest>) => found(id, desk().start(id)),
    },
    {
      ...{ method: 'POST', path: '/jobs/finish', body: wire.jobFinishRequest },
      ...{ answer: wire.jobAnswer, summary: 'Say that a job has ended' },
      handle: ({ body }: Body<wire.JobFinishRequest>) => {
        const { job_id: id, status, reason = null } = body;
        return found(id, desk().finish(id, { status, reason }));
      },
    },
    {
      ...{ method: 'POST', path: '/jobs/refresh', answer: wire.refreshAnswer },
      summary: 'Look at delayed jobs again',
      handle: () => ({
        ...ON,
        transitions: desk()
          .refresh()
          .map(one => ({ ...one, job: shown.job(one.job) })),
      }),
    },
  ] as Omit<Route, 'access'>[];
}

function assets(desk: () => Desk): Omit<Route, 'access'>[] {
  return [
    {
      ...{ method: 'POST', path: '/assets/register', body: wire.lazyAssetRegisterRequest },
      ...{ answer: wire.lazyAssetRegisterAnswer, summary: 'Register a lazy asset, as loaded' },
      handle: ({ body }: Body<AssetInput>) => {
        const { asset_id, size_mb } = body;
        room(() => desk().assets.register(body));
        return { ...ON, asset: { asset_id, size_mb } };
      },
    },
    {
      ...{ method: 'POST', path: '/assets/touch', body: wire.lazyAssetTouchRequest },
      ...{ answer: wire.lazyAssetTouchAnswer, summary: 'Say that an asset is used' },
      handle: ({ body: { asset_id: id } }: Body<{ asset_id: string }>) => {
        const used = desk().lazy.touch(id);
        if (used !== undefined) return { ...ON, asset: { asset_id: id, last_used: used } };
        throw new OpsError('asset_not_registered', { literal: `asset ${id} not registered` });
      },
    },
    {
      ...{ method: 'POST', path: '/assets/evict', body: wire.lazyAssetEvictRequest },
      ...{ answer: wire.lazyAssetEvictAnswer, summary: 'Unload assets, least recently used first' },
      handle: ({ body }: Body<{ target_mb: number }>) => ({
        ...ON,
        evicted: desk().lazy.evict(body.target_mb),
      }),
    },
  ] as Omit<Route, 'access'>[];
}

function room<T>(register: () => T): T {
  try {
    return register();
  } catch (error) {
    if ((error as { code?: string }).code === 'PLIMSOLL_BUDGET_FULL') throw new OpsError('registry_full');
    throw error;
  }
}
