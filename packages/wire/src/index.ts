export * from './catalog/errors.ts';
export * from './catalog/metrics.ts';
export * from './signals.ts';
