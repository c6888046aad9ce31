export type Access = 'open' | 'admin' | 'local' | 'token';

export interface Row {
  readonly method: string;
  /** As the app lists it. */
  readonly path: string;
  readonly access: Access;
  /** The answer to who is let in and sends no body. */
  readonly status: number;
  /** The path that is asked. */
  readonly ask: string;
  /** Takes more than some milliseconds once let in. */
  readonly slow: boolean;
}

/** Each line: the method, the path, the status once let in, and the query, or that it is slow. `:id` is asked as `none`. */
const LINES: Readonly<Record<Access, string>> = {
  open: `
    GET /health 200
    GET /health/live 200
    GET /health/ready 200
    GET /health/startup 200`,
  admin: `
    GET /metrics 200
    POST /ops/rollover 200
    POST /ops/trace/test 200
    GET /ops/recent 200
    GET /ops/log-level 200
    POST /ops/log-level 422
    GET /ops/ 200
    GET /ops 200
    GET /openapi.json 200 slow
    POST /api/perf/profiler/cpu 422 ?seconds=999
    POST /api/perf/profiler/heap 422 ?seconds=999`,
  local: `
    GET /api/flags 200
    POST /api/flags 422
    GET /api/telemetry/health 200
    GET /api/telemetry/settings 200
    POST /api/telemetry/settings 422
    POST /api/telemetry/opt_in 200 slow
    POST /api/telemetry/forget 200 slow
    GET /api/telemetry/summary 200
    POST /api/telemetry/features 422
    POST /api/telemetry/events 422
    GET /api/telemetry/events 200
    GET /api/telemetry/hooks 200
    GET /api/telemetry/crashes 200
    GET /api/telemetry/diagnostics 200 slow
    GET /api/telemetry/preview 200 slow
    GET /api/telemetry/ledger 200
    GET /api/hooks 200
    GET /api/hooks/history 200
    POST /api/hooks/test 200
    GET /api/hooks/plugins 200
    GET /api/hooks/ws 426
    GET /api/hooks/webhooks 200
    POST /api/hooks/webhooks 422
    DELETE /api/hooks/webhooks 422
    POST /api/hooks/webhooks/:id/rotate 422
    POST /api/hooks/webhooks/:id/enable 404
    GET /api/hooks/deliveries 200
    GET /api/hooks/dead-letters 200
    POST /api/hooks/dead-letters/replay 422
    GET /api/crashes 200
    GET /api/crashes/:id 404
    GET /api/providers 200
    GET /api/providers/list 200
    GET /api/providers/health 404 ?id=none
    GET /api/providers/quota 404 ?id=none
    GET /api/providers/templates 200
    POST /api/providers/register 422
    POST /api/providers/create 422
    POST /api/providers/activate 422
    POST /api/providers/bootstrap 422 slow
    POST /api/providers/order 422
    DELETE /api/providers/remove/:id 404 slow
    POST /api/providers/remove/:id 404 slow
    GET /api/providers/export 200
    POST /api/providers/import 422
    GET /api/perf/health 200
    GET /api/perf/budgets 200
    POST /api/perf/budgets/apply 422
    POST /api/perf/budgets/reset 200 slow
    POST /api/perf/budgets/jobs/register 422
    POST /api/perf/budgets/jobs/start 422
    POST /api/perf/budgets/jobs/finish 422
    POST /api/perf/budgets/jobs/refresh 200
    POST /api/perf/budgets/assets/register 422
    POST /api/perf/budgets/assets/touch 422
    POST /api/perf/budgets/assets/evict 200
    POST /api/perf/profiler/mark 422
    POST /api/perf/profiler/span 422
    GET /api/perf/profiler/dashboard 200
    POST /api/perf/profiler/reset 200
    ${assets(`
      GET /debug/hooks 200
      GET /debug/bus-hooks 200
      GET /debug/history 200
      GET / 200
      GET /search 200
      GET /:id 404
      GET /audit 200
      GET /:id/sidecar 404
      GET /:id/download 404
      GET /:id/preview 404`)}
    GET /assets 200
    GET /api/assets 200`,
  token: assets(`
    POST /register 422
    PATCH /:id 422
    DELETE /:id 404
    POST /upload 400
    POST /enforce 200
    POST /rebuild 200`),
};

/** The family twice: its own, and the one under `/api`. */
function assets(lines: string): string {
  return ['/assets', '/api/assets'].map(prefix => lines.replaceAll(' /', ` ${prefix}/`)).join('\n');
}

/** Every route of a service with all on. A route without a line here fails the test, and so does a line without one. */
export const ROUTES: readonly Row[] = Object.entries(LINES).flatMap(([access, lines]) =>
  lines
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [method = '', path = '', status, more = ''] = line.trim().split(' ');
      const slow = more === 'slow';
      const ask = path.replace(':id', 'none') + (slow ? '' : more);
      return { method, path, access: access as Access, status: Number(status), ask, slow };
    }),
);
