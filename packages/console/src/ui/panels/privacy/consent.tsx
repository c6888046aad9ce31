import type { TelemetryConsent as Stored, TelemetrySettingsAnswer } from '@plimsoll/wire/ops';
import { useState } from 'preact/hooks';
import { ops } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { confirm } from '../../parts/dialog.tsx';
import { Waiting } from '../../parts/state.tsx';
import { Switch } from '../../parts/switch.tsx';
import { toast, toastProblem } from '../../parts/toast.tsx';
import type { At } from './panel.tsx';

const SWITCHES: readonly (readonly [key: keyof Stored, label: string, about: string])[] = [
  ['telemetry_opt_in', 'Count usage', 'Features, events and hooks, hashed, on this machine'],
  ['crash_opt_in', 'Count crashes', 'Digests of crash dumps; takes the flag enable_crash_uploader too'],
  ['diagnostics_opt_in', 'Diagnostics', 'Lets the bundle below be made'],
  ['dry_run', 'Keep everything here', 'While on, nothing leaves this machine'],
];

const LOWERED = {
  do_not_track: 'DO_NOT_TRACK is set on this machine, so none of this counts.',
  ci: 'This is a CI machine, so none of this counts.',
  forbidden: 'A config file forbids telemetry, so none of this counts.',
} as const;

/** The stored consent, and what it comes to; the bundle and the way to be forgotten. */
export function Consent({ service, prefix }: At) {
  const settings = useOps<TelemetrySettingsAnswer>(service, `${prefix}/settings`, { everyMs: 5000 });
  const [busy, setBusy] = useState(false);
  const change = async (key: keyof Stored, value: boolean) => {
    if (key === 'telemetry_opt_in' && !value && !(await sure())) return;
    setBusy(true);
    const result = await ops(service).post<TelemetrySettingsAnswer>(`${prefix}/settings`, { [key]: value });
    setBusy(false);
    if (!result.ok) return toastProblem(result.problem);
    settings.set(result.data);
    toast('Consent is stored');
  };
  const health = settings.data?.health;
  const stored = settings.data?.settings;
  return (
    <section class="card">
      <h2>Consent</h2>
      <Waiting answer={settings}>
        {health?.lowered_by && <p class="privacy-lowered">{LOWERED[health.lowered_by]}</p>}
        <ul class="privacy-switches">
          {SWITCHES.map(([key, label, about]) => (
            <li key={key}>
              <Switch
                label={label}
                on={stored?.[key] ?? false}
                disabled={busy}
                onChange={on => void change(key, on)}
              />
              <span class="meta">{about}</span>
            </li>
          ))}
        </ul>
        {health && <Now {...{ health }} />}
        <Actions {...{ service, prefix }} diagnostics={health?.diagnostics_active ?? false} />
      </Waiting>
    </section>
  );
}

const sure = (): Promise<boolean> =>
  confirm({
    title: 'Withdraw consent?',
    text: 'What was counted is deleted, and what waits to be sent.',
    yes: 'Withdraw',
    danger: true,
  });

function Now({ health }: { health: TelemetrySettingsAnswer['health'] }) {
  const states = [
    ['Flag', health.flag_enabled],
    ['Counting', health.telemetry_active && health.storage],
    ['Crashes', health.crash_active],
    ['Diagnostics', health.diagnostics_active],
  ] as const;
  return (
    <>
      <dl class="privacy-now">
        {states.map(([name, on]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-on={on}>{on ? 'on' : 'off'}</dd>
          </div>
        ))}
        <div>
          <dt>Installation</dt>
          <dd>{health.anonymous_preview ? <code>{health.anonymous_preview}…</code> : '–'}</dd>
        </div>
      </dl>
      {!health.storage && <p class="meta">Without a runtime root there is no place to count.</p>}
    </>
  );
}

function Actions({ service, prefix, diagnostics }: At & { readonly diagnostics: boolean }) {
  const save = async () => {
    const result = await ops(service).download(`${prefix}/diagnostics`, `${service}-diagnostics.zip`);
    if (result.ok) toast('The bundle is saved');
    else toastProblem(result.problem);
  };
  const forget = async () => {
    const yes = await confirm({
      title: 'Forget everything?',
      text: 'All that was counted is deleted, and from now on this is another installation: old and new can’t be linked.',
      yes: 'Forget',
      danger: true,
    });
    if (!yes) return;
    const result = await ops(service).post(`${prefix}/forget`);
    if (result.ok) toast('Everything is forgotten');
    else toastProblem(result.problem);
  };
  return (
    <div class="privacy-actions">
      <button type="button" disabled={!diagnostics} onClick={() => void save()}>
        Save diagnostics
      </button>
      <button type="button" class="danger" onClick={() => void forget()}>
        Forget everything
      </button>
    </div>
  );
}
