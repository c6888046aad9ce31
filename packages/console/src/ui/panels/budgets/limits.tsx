import type { AllLimits, BudgetSnapshot } from '@plimsoll/wire';
import { useState } from 'preact/hooks';
import { number } from '../../lib/format.ts';
import { ops } from '../../lib/ops.ts';
import { toast, toastProblem } from '../../parts/toast.tsx';

interface Row {
  readonly key: keyof AllLimits;
  readonly label: string;
  readonly unit: string;
  readonly step: string;
  /** What is used of it now. */
  readonly used?: (state: BudgetSnapshot) => number;
}

const ROWS: readonly Row[] = [
  { key: 'max_cpu_percent', label: 'CPU', unit: '%', step: '1', used: ({ metrics }) => metrics.cpu },
  { key: 'max_mem_mb', label: 'Memory', unit: 'MB', step: '1', used: ({ metrics }) => metrics.mem_used_mb },
  {
    ...{ key: 'max_vram_mb', label: 'GPU memory', unit: 'MB', step: '1' },
    used: ({ metrics }) => metrics.first_gpu?.mem_used ?? 0,
  },
  {
    key: 'max_running_jobs',
    label: 'Jobs at once',
    unit: '',
    step: '1',
    used: state => state.running_ids.length,
  },
  {
    ...{ key: 'max_queue_depth', label: 'Queue depth', unit: '', step: '1' },
    used: state => state.queued_ids.length + state.delayed_ids.length + state.running_ids.length,
  },
  {
    ...{ key: 'max_loop_delay_ms', label: 'Event-loop delay', unit: 'ms', step: 'any' },
    used: ({ metrics }) => metrics.loop_delay_ms,
  },
  {
    ...{ key: 'max_loop_utilization', label: 'Event-loop utilization', unit: '', step: 'any' },
    used: ({ metrics }) => metrics.loop_utilization,
  },
  { key: 'lazy_asset_target_mb', label: 'Trim beyond overshoot', unit: 'MB', step: '1' },
  { key: 'evaluation_interval', label: 'Evaluation interval', unit: 's', step: 'any' },
];

export interface LimitsProps {
  readonly service: string;
  readonly prefix: string;
  readonly state: BudgetSnapshot;
  readonly reload: () => Promise<void>;
}

/** The limits with what is used of them; one is changed by writing another in its place. */
export function Limits({ service, prefix, state, reload }: LimitsProps) {
  const [edited, setEdited] = useState<Partial<Record<keyof AllLimits, string>>>({});
  const [busy, setBusy] = useState(false);
  const limits = { ...state.limits, ...state.loop_limits };
  const changes = Object.entries(edited).filter(
    ([key, text]) => text !== String(limits[key as keyof AllLimits]),
  );
  const send = async (path: string, body: object | undefined, done: string) => {
    setBusy(true);
    const result = await ops(service).post(`${prefix}/budgets/${path}`, body);
    setBusy(false);
    if (!result.ok) return toastProblem(result.problem);
    setEdited({});
    await reload();
    toast(done);
  };
  const apply = (event: Event) => {
    event.preventDefault();
    const body = Object.fromEntries(changes.map(([key, text]) => [key, Number(text)]));
    void send('apply', body, 'The limits are changed');
  };
  return (
    <section class="card">
      <h2>Limits</h2>
      <form class="limits" onSubmit={apply}>
        {ROWS.map(({ key, label, unit, step, used }) => (
          <label key={key} class="field">
            <span>
              {label}
              {unit && `, ${unit}`}
            </span>
            <input
              type="number"
              min="0"
              step={step}
              value={edited[key] ?? String(limits[key])}
              onInput={event => setEdited({ ...edited, [key]: event.currentTarget.value })}
            />
            <Used used={used?.(state)} limit={limits[key]} unit={unit} />
          </label>
        ))}
        <div class="limits-end">
          <button type="submit" class="button primary" disabled={busy || changes.length === 0}>
            Apply
          </button>
          <button
            type="button"
            class="button"
            disabled={busy}
            onClick={() => void send('reset', undefined, 'The limits are as the options say')}
          >
            Reset
          </button>
          <span class="meta">0 is no limit.</span>
        </div>
      </form>
    </section>
  );
}

function Used({ used, limit, unit }: { used: number | undefined; limit: number; unit: string }) {
  if (used === undefined) return <span class="meta"> </span>;
  const over = limit > 0 && used >= limit;
  return (
    <span class={over ? 'meta over' : 'meta'}>
      {number(used)}
      {unit && ` ${unit}`} now{over && ', at its limit'}
    </span>
  );
}
