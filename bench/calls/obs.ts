/** The slice of `Obs` that the calls use; the dist's types need a build, which a type check must not. */
type Loose = (...args: unknown[]) => void;
interface Instrument {
  inc: Loose;
  set: Loose;
  observe: Loose;
  handle(labels?: unknown): Instrument;
}
export interface CallSpan {
  setAttribute(key: string, value: unknown): unknown;
  end(): void;
}
export interface CallObs {
  log: { info: Loose; debug: Loose };
  metrics: Record<'counter' | 'gauge' | 'histogram', (name: string, options: object) => Instrument>;
  trace: {
    start(name: string, options?: object): CallSpan;
    span<R>(name: string, options: object, fn: (span: CallSpan) => R): R;
  };
  context: { run<R>(context: object, fn: () => R): R; current(): unknown };
  health: { check: Loose };
  job<F>(name: string, fn: F): F;
  budgets: {
    run<R>(name: string, options: object, fn: () => R): R;
    shed(): unknown;
    guard(): { fastify: Loose };
  };
  hooks: { emit: Loose };
  profiler: { profile<R>(name: string, labels: object, fn: () => R): R };
  onBytes(kind: 'span', sink: () => void): void;
  onLine(sink: () => void): void;
  inject(carrier: object): void;
}

export async function init(options: object): Promise<CallObs> {
  const plimsoll = await import('../../packages/kit/dist/index.js');
  const quiet = { service: 'bench', env: 'production', log: { stdout: false } };
  return (await plimsoll.init({ ...quiet, ...options } as object)) as unknown as CallObs;
}
