import type { ProviderAnswer, ProviderHealthAnswer, ProviderQuotaAnswer } from '@plimsoll/wire/ops';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Ops, type OpsProblem, ops } from '../../lib/ops.ts';

export const POLL_MS = 15_000;

export interface Row {
  readonly provider: ProviderAnswer;
  readonly health: ProviderHealthAnswer | undefined;
  readonly quota: ProviderQuotaAnswer | undefined;
}

export interface Polled {
  readonly rows: readonly Row[] | undefined;
  readonly problem: OpsProblem | undefined;
  readonly at: number | undefined;
  readonly busy: boolean;
}

const NOTHING: Polled = { rows: undefined, problem: undefined, at: undefined, busy: false };

/** Asks for the list, the health, and the quota of each remote provider: now, on `refresh`, and every 15 s while `auto`. */
export function useProviders(service: string, prefix: string, auto: boolean): Polled & { refresh(): void } {
  const [polled, setPolled] = useState<Polled>(NOTHING);
  const turn = useRef(0);
  const refresh = () => {
    const mine = ++turn.current;
    setPolled(known => ({ ...known, busy: true }));
    void ask(ops(service), prefix).then(answer => {
      if (mine !== turn.current) return;
      setPolled(known => ({ ...known, ...answer, busy: false }));
    });
  };
  useEffect(() => {
    setPolled(NOTHING);
    refresh();
    return () => void turn.current++;
  }, [service, prefix]);
  useEffect(() => {
    if (!auto) return;
    const timer = setInterval(refresh, POLL_MS);
    return () => clearInterval(timer);
  }, [service, prefix, auto]);
  return { ...polled, refresh };
}

async function ask(client: Ops, prefix: string): Promise<Partial<Polled>> {
  const [list, health] = await Promise.all([
    client.get<{ providers: readonly ProviderAnswer[] }>(prefix),
    client.get<{ results: readonly ProviderHealthAnswer[] }>(`${prefix}/health`),
  ]);
  if (!list.ok) return { problem: list.problem };
  const quotas = await Promise.all(
    list.data.providers.map(async ({ id, active }) => {
      if (id === 'local' || !active) return undefined;
      const answer = await client.get<ProviderQuotaAnswer>(`${prefix}/quota`, { id });
      return answer.ok ? answer.data : undefined;
    }),
  );
  const rows = list.data.providers.map((provider, at) => ({
    provider,
    health: health.ok
      ? health.data.results.find(one => one.provider_id === provider.id)
      : provider.last_health,
    quota: quotas[at],
  }));
  return { rows, at: Date.now(), problem: health.ok ? undefined : health.problem };
}

const AMOUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** Credits, limit and currency; else the latency, else that it is well. */
export function usageOf({ health, quota }: Row): string {
  const {
    credits_remaining: left,
    credits_total: total,
    currency,
  } = (quota?.quota ?? {}) as Record<string, unknown>;
  const amount = (value: unknown) => (typeof value === 'number' ? AMOUNT.format(value) : undefined);
  const credits = [amount(left), amount(total)].filter(text => text !== undefined).join(' of ');
  if (credits !== '') return `${credits}${typeof currency === 'string' ? ` ${currency}` : ''}`;
  if (health?.ok && health.latency_ms !== null) return `latency ${Math.round(health.latency_ms)} ms`;
  return health?.ok ? 'ok' : '–';
}

export type Level = 'ok' | 'warn' | 'error' | 'unknown';
export const WORDS: Readonly<Record<Level, string>> = {
  ok: 'healthy',
  warn: 'degraded',
  error: 'error',
  unknown: 'unknown',
};

export const levelOf = ({ health }: Row): Level => health?.level ?? 'unknown';
