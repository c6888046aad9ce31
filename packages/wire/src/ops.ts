/**
 * The ops API's requests and answers, a file for each group of routes. `/openapi.json` is made of these, every input
 * is validated by them, and clients take their types from here.
 */

export * from './ops/assets.ts';
export * from './ops/budgets.ts';
export * from './ops/core.ts';
export * from './ops/crash.ts';
export * from './ops/flags.ts';
export * from './ops/hooks.ts';
export * from './ops/hooks.ts';
export * from './ops/perf.ts';
export * from './ops/profiler.ts';
export * from './ops/providers.ts';
export * from './ops/telemetry.ts';
