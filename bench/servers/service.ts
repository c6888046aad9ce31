/** The service that every framework serves: one route, one small answer, and what its handler does besides. */
import { allOn } from '../lib/all-on.ts';
import { database, type Handler, SILENT } from './stacks.ts';

/** `argv` of a server: variant, sink, log target, work. */
const [, , variant = 'bare', sink = 'http://127.0.0.1:4318', target = '/dev/null', work = 'plain'] =
  process.argv;

export { sink, target, variant };

export interface User {
  id: string;
  name: string;
  active: boolean;
}
export type Answer = (id: string) => User;

/** The handler's work, the same for each variant; only what `handler` does differs. */
export function answerer(handler: Handler = SILENT): Answer {
  if (work === 'log') {
    return id => {
      handler.line({ user: 'ada', items: 3, latency_ms: 1.5 }, 'user_read');
      return { id, name: 'Ada', active: true };
    };
  }
  if (work === 'db') {
    const select = database();
    return id => {
      const row = handler.query('SELECT users', () => select(id)) as { name: string };
      return { id, name: row.name, active: true };
    };
  }
  return id => ({ id, name: 'Ada', active: true });
}

/** The slice of `Obs` that the bench uses; the dist's types need a build, which a type check must not. */
export interface BenchObs {
  log: { info(fields: object, message: string): void };
  trace: { span<T>(name: string, options: object, fn: () => T): T };
  health: { check(name: string, fn: () => unknown): void };
  metrics: { counter(name: string, options: object): { inc(labels: object): void } };
  handler<F>(fn: F): F;
  route(template: string): void;
}

export async function plimsoll(app?: object): Promise<BenchObs> {
  const { init } = await import('../../packages/kit/dist/index.js');
  const limits = { maxSeries: SERIES, maxLabelValues: SERIES };
  const options = { ...allOn(sink, target), ...(work === 'series' && { metrics: limits }) };
  const obs = (await (app ? init(app, options) : init(options))) as unknown as BenchObs;
  obs.health.check('one', async () => true);
  obs.health.check('two', async () => true);
  if (work === 'series') fill(obs);
  return obs;
}

const SERIES = 100_000;

function fill({ metrics }: BenchObs): void {
  const counter = metrics.counter('bench_total', { help: 'Bench', labels: ['shard', 'kind'] });
  for (let i = 0; i < SERIES; i++) counter.inc({ shard: String(i >> 1), kind: i % 2 === 0 ? 'a' : 'b' });
}

/** Told to be off by its variable, as an operator would. */
export async function plimsollOff(app?: object): Promise<BenchObs> {
  process.env['OBS_ENABLED'] = 'false';
  const { init } = await import('../../packages/kit/dist/index.js');
  return (await (app ? init(app, {}) : init({}))) as unknown as BenchObs;
}

export function handlerOf(obs: BenchObs): Handler {
  return {
    line: (fields, message) => obs.log.info(fields, message),
    query: (name, fn) =>
      obs.trace.span(name, { kind: 'client', attributes: { 'db.system.name': 'sqlite' } }, fn),
  };
}
