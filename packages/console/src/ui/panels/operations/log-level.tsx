import { useState } from 'preact/hooks';
import { ops } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { Waiting } from '../../parts/state.tsx';
import { Switch } from '../../parts/switch.tsx';
import { toast, toastProblem } from '../../parts/toast.tsx';

interface Levels {
  readonly level: string;
  readonly loggers: Readonly<Record<string, string>>;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** The level of the service while it runs; a switch for the one change that is made most. */
export function LogLevel({ service }: { service: string }) {
  const levels = useOps<Levels>(service, '/ops/log-level');
  const [busy, setBusy] = useState(false);
  const now = levels.data?.level ?? '';
  const change = async (level: string) => {
    setBusy(true);
    const result = await ops(service).post<Levels>('/ops/log-level', { level });
    setBusy(false);
    if (!result.ok) return toastProblem(result.problem);
    levels.set(result.data);
    toast(`${service} logs from ${level} on`);
  };
  return (
    <section class="card">
      <h2>Log level</h2>
      <Waiting answer={levels}>
        <div class="levels">
          <label class="field">
            <span>From</span>
            <select value={now} disabled={busy} onChange={event => void change(event.currentTarget.value)}>
              {[...new Set([...LEVELS, now])].filter(Boolean).map(one => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
          <Switch
            label="Debug lines"
            on={now === 'debug' || now === 'trace'}
            disabled={busy}
            onChange={on => void change(on ? 'debug' : 'info')}
          />
          <p class="meta">Until the process ends.</p>
        </div>
        {Object.keys(levels.data?.loggers ?? {}).length > 0 && (
          <p class="meta">
            {Object.entries(levels.data?.loggers ?? {})
              .map(([logger, level]) => `${logger}: ${level}`)
              .join(' · ')}
          </p>
        )}
      </Waiting>
    </section>
  );
}
