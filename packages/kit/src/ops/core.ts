export { healthRoutes } from './routes/health.ts';
export { indexRoutes } from './routes/index.ts';
export { jobRoutes } from './routes/jobs.ts';
export { logRoutes } from './routes/log.ts';
export { metricsRoutes } from './routes/metrics.ts';
export { openapiRoutes } from './routes/openapi.ts';
export { recentRoutes } from './routes/recent.ts';
export { traceRoutes } from './routes/trace.ts';
