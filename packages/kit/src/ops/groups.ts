import type { KitCore } from '../kernel/kit.ts';
import type { RouteGroup } from '../kernel/part.ts';

/** The core route groups: their paths are known at start, their code comes with the first request. */
export function coreGroups(kit: KitCore): readonly RouteGroup[] {
  const core = () => import('./core.ts');
  return [
    {
      name: 'health',
      paths: ['/health', '/health/live', '/health/ready', '/health/startup'],
      load: async () => (await core()).healthRoutes(kit),
    },
    { name: 'metrics', paths: ['/metrics'], load: async () => (await core()).metricsRoutes(kit) },
    { name: 'trace', paths: ['/ops/trace/test'], load: async () => (await core()).traceRoutes(kit) },
    { name: 'recent', paths: ['/ops/recent'], load: async () => (await core()).recentRoutes(kit) },
    { name: 'log', paths: ['/ops/log-level'], load: async () => (await core()).logRoutes(kit) },
    { name: 'flags', paths: ['/api/flags'], load: async () => (await core()).flagRoutes(kit) },
    { name: 'index', paths: ['/ops/', '/ops'], load: async () => (await core()).indexRoutes(kit) },
    { name: 'openapi', paths: ['/openapi.json'], load: async () => (await core()).openapiRoutes(kit) },
  ];
}
