import * as wire from '@plimsoll/wire/ops';
import { OpsError } from '../../base/ops-error.ts';
import type { Kit, OpsContext, Route } from '../../kernel/part.ts';
import type { Profiler, SpanInput } from './gate.ts';
import type { ProfilerDesk } from './part.ts';

const ON = { ok: true, feature_flag: true } as const;

/** `/api/perf/profiler`: 403 while the profiler is off. Profiles of the thread are for admins alone. */
export function routes(kit: Kit): Route[] {
  const desk = (): ProfilerDesk => {
    const impl = kit.read<Profiler>('profiler');
    if (impl === undefined) throw new OpsError('enable_perf flag disabled');
    return impl as ProfilerDesk;
  };
  const prefix = `${kit.config.get('perf.prefix')}/profiler`;
  return [...records(desk), ...profiles(kit, desk)].map(route => ({
    ...{ access: 'local', ...route, path: `${prefix}${route.path}` },
    authorize: () => void desk(),
  }));
}

type Row = Omit<Route, 'access'> & Partial<Pick<Route, 'access'>>;

function records(desk: () => ProfilerDesk): Row[] {
  return [
    {
      ...{ method: 'POST', path: '/mark', body: wire.markRequest, answer: wire.markAnswer },
      summary: 'Mark a moment',
      handle: ({ body }) => {
        const { name, ...labels } = body as { name: string };
        return { ...ON, mark: desk().mark(name, labels) };
      },
    },
    {
      ...{ method: 'POST', path: '/span', body: wire.spanRequest, answer: wire.spanAnswer },
      summary: 'Record what took how long',
      handle: ({ body }) => {
        const { name, ...span } = body as SpanInput & { name: string };
        return { ...ON, span: desk().recordSpan(name, span) };
      },
    },
    {
      ...{ method: 'GET', path: '/dashboard', query: wire.dashboardQuery, answer: wire.dashboardAnswer },
      summary: 'Where time and memory go',
      handle: ({ search }) => {
        const { limit, emit } = search as { limit: number; emit: '0' | '1' };
        const dashboard = desk().dashboard(limit);
        desk().tell(dashboard, emit === '1');
        return { ...ON, dashboard };
      },
    },
    {
      ...{ method: 'POST', path: '/reset', answer: wire.resetAnswer, summary: 'Forget all of it' },
      handle: () => {
        desk().reset();
        return ON;
      },
    },
  ];
}

function profiles(kit: Kit, desk: () => ProfilerDesk): Row[] {
  const take = async (c: OpsContext, kind: 'cpu' | 'heap'): Promise<Response> => {
    const {
      seconds,
      interval_us: intervalUs,
      interval_bytes: intervalBytes,
    } = c.search as wire.ProfileSearch;
    const max = kit.config.get('profiler.maxSeconds');
    if (seconds > max) {
      throw new OpsError('validation_error', { errors: [{ field: 'seconds', code: 'too_big' }] });
    }
    const profile =
      kind === 'cpu'
        ? await free(desk(), () => desk().cpu({ seconds, intervalUs }))
        : await free(desk(), () => desk().heap({ seconds, intervalBytes }));
    const { start_ms, stop_ms } = profile.plimsoll.cost;
    const name = `${new Date(kit.clock.now()).toISOString().replace(/\W/g, '')}.${kind}profile`;
    return Response.json(profile, {
      headers: {
        'content-disposition': `attachment; filename="${name}"`,
        'server-timing': `start;dur=${start_ms}, stop;dur=${stop_ms}`,
      },
    });
  };
  const access = 'admin';
  return [
    {
      ...{ method: 'POST', path: '/cpu', access, query: wire.profileQuery, answer: wire.cpuProfileAnswer },
      summary:
        'A CPU profile of the next seconds, as Chrome opens it; its cost is in Server-Timing and in the body',
      handle: c => take(c, 'cpu'),
    },
    {
      ...{ method: 'POST', path: '/heap', access, query: wire.heapQuery, answer: wire.heapProfileAnswer },
      summary: 'A profile of the allocations of the next seconds, as Chrome opens it',
      handle: c => take(c, 'heap'),
    },
  ];
}

async function free<T>(desk: ProfilerDesk, take: () => Promise<T>): Promise<T> {
  const { busyMs } = desk.profiles;
  if (busyMs === undefined) return take();
  const after = String(Math.max(1, Math.ceil(busyMs / 1000)));
  throw new OpsError('profile_running', { headers: { 'retry-after': after } });
}
