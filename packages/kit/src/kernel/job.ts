import { randomUUID } from 'node:crypto';
import { JOB_DURATION, JOB_RUNS } from '@plimsoll/wire';
import { PlimsollError } from '../base/errors.ts';
import { RootContext } from '../signals/context/root.ts';
import { declare } from '../signals/metrics/declare.ts';
import type { Span } from '../signals/trace/types.ts';
import type { KitCore } from './kit.ts';

export interface Jobs {
  /**
   * Wraps work that no request asked for. Each run is counted and timed (seconds, failed runs included), has a
   * trace and a request id of its own, and what it throws is logged once and thrown on. Runs may overlap.
   * Throws `PLIMSOLL_DUPLICATE_JOB`.
   */
  job<A extends unknown[], R>(name: string, fn: (...args: A) => R): (...args: A) => Promise<Awaited<R>>;
}

export function createJobs(kit: KitCore): Jobs {
  const names = new Set<string>();
  const runs = declare(kit.metrics, JOB_RUNS);
  const duration = declare(kit.metrics, JOB_DURATION);
  const log = kit.log.named('plimsoll.job');

  return {
    job<A extends unknown[], R>(name: string, fn: (...args: A) => R) {
      if (names.has(name)) throw new PlimsollError('PLIMSOLL_DUPLICATE_JOB', name);
      names.add(name);
      const ok = runs.handle({ name, result: 'ok' });
      const failed = runs.handle({ name, result: 'error' });
      const seconds = duration.handle({ name });

      return (...args: A): Promise<Awaited<R>> =>
        inNewRoot(kit, name, async (): Promise<Awaited<R>> => {
          const start = kit.clock.monotonic();
          try {
            const result = await fn(...args);
            ok.inc();
            return result;
          } catch (error) {
            failed.inc();
            log.error({ job: name, err: error }, 'job_failed');
            throw error;
          } finally {
            seconds.observe((kit.clock.monotonic() - start) / 1000);
          }
        });
    },
  };
}

/** Runs `fn` as the root of a trace, outside of whatever request or job started it. */
function inNewRoot<R>(kit: KitCore, name: string, fn: () => Promise<R>): Promise<R> {
  const root = new RootContext<never>();
  root.requestId = randomUUID();
  if (!kit.trace.enabled) {
    kit.core.trace.begin(root as never, undefined, undefined);
    return kit.context.run(root, fn);
  }
  const traced = (span: Span): Promise<R> => {
    // Where the trace is not recorded no span becomes active, and this context must carry the ids.
    root.traceId = span.traceId;
    root.spanId = span.spanId;
    return fn();
  };
  return kit.context.run(root, () =>
    kit.trace.span(`job ${name}`, { root: true, attributes: { 'job.name': name } }, traced),
  );
}
