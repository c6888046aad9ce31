import type { CpuProfile } from '@plimsoll/wire';
import { useState } from 'preact/hooks';
import { duration, number } from '../../lib/format.ts';
import { ops } from '../../lib/ops.ts';
import { toastProblem } from '../../parts/toast.tsx';
import { FlameGraph } from './flame-graph.tsx';

const SECONDS = [1, 2, 5, 10, 20];

/** Takes a CPU profile of the running service, shows it, and gives it as a file that Chrome's tools open. */
export function CpuProfiler({ service, prefix }: { service: string; prefix: string }) {
  const [seconds, setSeconds] = useState(2);
  const [busy, setBusy] = useState(false);
  const [profile, setProfile] = useState<CpuProfile>();
  const take = async () => {
    setBusy(true);
    const result = await ops(service).post<CpuProfile>(`${prefix}/profiler/cpu?seconds=${seconds}`);
    setBusy(false);
    if (result.ok) setProfile(result.data);
    else toastProblem(result.problem);
  };
  const cost = profile?.plimsoll.cost;
  return (
    <section class="card">
      <h2>CPU profile</h2>
      <div class="profile-take">
        <label class="field">
          <span>Seconds</span>
          <select
            value={seconds}
            disabled={busy}
            onChange={event => setSeconds(Number(event.currentTarget.value))}
          >
            {SECONDS.map(one => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="button primary" disabled={busy} onClick={() => void take()}>
          {busy ? 'Taking a profile…' : 'Take a profile'}
        </button>
        {profile && (
          <button type="button" class="button" onClick={() => save(profile, service)}>
            Save as a file
          </button>
        )}
      </div>
      {cost && (
        <p class="meta" role="status">
          {number(cost.samples)} stacks in {duration(cost.seconds * 1000)}. It held the service up for{' '}
          {duration(cost.start_ms)} to start and {duration(cost.stop_ms)} to end.
        </p>
      )}
      {profile && <FlameGraph profile={profile} />}
    </section>
  );
}

function save(profile: CpuProfile, service: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(profile)], { type: 'application/json' }));
  link.download = `${service}.cpuprofile`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
