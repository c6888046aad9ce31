import type { ServiceAnswer } from '@plimsoll/wire';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Ops, type OpsProblem, type OpsResult, ops } from './ops.ts';
import { service, services } from './services.ts';

/** One ops path prefix that a panel needs, or several by which hosts name the same thing: the first offered counts. */
export type Requires = string | readonly string[];

export type Offer =
  | {
      readonly state: 'offered';
      readonly service: string;
      readonly ops: Ops;
      /** The one of the required prefixes that the service has. */
      readonly prefix: string;
      /** All services that offer it. */
      readonly choices: readonly string[];
    }
  | {
      /** `silent`: no service has an ops address. `locked`: there is no token, so its routes are not listed. */
      readonly state: 'silent' | 'locked' | 'missing' | 'unknown';
      readonly service: string;
    };

const listOf = (requires: Requires): readonly string[] =>
  typeof requires === 'string' ? [requires] : requires;

/** The required prefix that this service's ops API lists. */
export function offeredPrefix({ ops: { paths } }: ServiceAnswer, requires: Requires): string | undefined {
  return listOf(requires).find(prefix =>
    paths?.some(path => path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)),
  );
}

/** What the chosen service offers; with all services chosen, the first by name that offers it. */
export function offerOf(requires: Requires): Offer {
  const chosen = service();
  const sorted = services.value.toSorted((a, b) => a.service.localeCompare(b.service));
  const offering = sorted.filter(row => offeredPrefix(row, requires) !== undefined);
  const asked = chosen === '' ? sorted : sorted.filter(row => row.service === chosen);
  const row = asked.find(one => offering.includes(one));
  if (row) {
    return {
      state: 'offered',
      service: row.service,
      ops: ops(row.service),
      prefix: offeredPrefix(row, requires)!,
      choices: offering.map(one => one.service),
    };
  }
  const reachable = asked.filter(one => one.ops.reachable);
  const state =
    services.value.length === 0
      ? 'unknown'
      : reachable.length === 0
        ? 'silent'
        : reachable.some(one => one.ops.paths)
          ? 'missing'
          : reachable.some(one => one.ops.token)
            ? 'unknown'
            : 'locked';
  return { state, service: chosen };
}

export interface Asked<T> {
  readonly data?: T;
  readonly problem?: OpsProblem;
  readonly loading: boolean;
  /** Asks again now, and resolves when the answer is on the screen. */
  reload(): Promise<void>;
  /** Puts an answer in place that a write gave. */
  set(data: T): void;
}

export interface AskOptions {
  /** Milliseconds between two looks while the page is seen; none by default. */
  readonly everyMs?: number;
}

/**
 * The answer of a service's ops API to a GET, asked again when service or path change, and at an interval. The last
 * answer stays while the next is under way.
 */
export function useOps<T>(name: string | undefined, path: string, { everyMs }: AskOptions = {}): Asked<T> {
  const [answer, setAnswer] = useState<Omit<Asked<T>, 'reload' | 'set'>>({ loading: true });
  const asking = useRef(0);
  const load = async () => {
    if (name === undefined) return;
    const turn = ++asking.current;
    const result: OpsResult<T> = await ops(name).get<T>(path);
    if (turn !== asking.current) return;
    setAnswer(
      result.ok ? { data: result.data, loading: false } : { problem: result.problem, loading: false },
    );
  };
  useEffect(() => {
    setAnswer({ loading: true });
    void load();
    const timer =
      everyMs === undefined ? undefined : setInterval(() => document.hidden || void load(), everyMs);
    return () => {
      asking.current++;
      clearInterval(timer);
    };
  }, [name, path, everyMs]);
  return {
    ...answer,
    reload: load,
    set(data) {
      asking.current++;
      setAnswer({ data, loading: false });
    },
  };
}
