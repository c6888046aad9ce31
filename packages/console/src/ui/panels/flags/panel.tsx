import type { FlagState, FlagsAnswer } from '@plimsoll/wire/ops';
import { useState } from 'preact/hooks';
import { ops } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { Offering, ServicePicker } from '../../parts/service-picker.tsx';
import { Waiting } from '../../parts/state.tsx';
import { Switch } from '../../parts/switch.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { toast, toastProblem } from '../../parts/toast.tsx';
import type { Panel } from '../panel.ts';
import './flags.css';

const PATH = '/api/flags';
/** An edit of the file by hand shows without a reload. */
const EVERY_MS = 5000;

function View() {
  return (
    <Offering requires={PATH}>
      {offer => (
        <div class="flags-panel">
          <div class="title-row">
            <h1>Debug and feature flags</h1>
            <ServicePicker offer={offer} />
          </div>
          <Flags key={offer.service} service={offer.service} />
        </div>
      )}
    </Offering>
  );
}

function Flags({ service }: { service: string }) {
  const answer = useOps<FlagsAnswer>(service, PATH, { everyMs: EVERY_MS });
  const [busy, setBusy] = useState(false);
  const change = async ({ name }: FlagState, value: boolean) => {
    setBusy(true);
    const result = await ops(service).post<FlagsAnswer>(PATH, { [name]: value });
    setBusy(false);
    // What is on the screen stays: it is what the file still says.
    if (!result.ok) return toastProblem(result.problem);
    answer.set(result.data);
    const changed = result.data.changed ?? [];
    toast(changed.length === 0 ? `${name} was so already` : `${changed.join(', ')}: ${value ? 'on' : 'off'}`);
  };
  const { flags = [], rejected = [], corrupt = [], file = '' } = answer.data ?? {};
  const columns: readonly Column<FlagState>[] = [
    {
      title: 'Flag',
      cell: flag => (
        <Switch label={flag.name} on={flag.value} disabled={busy} onChange={on => void change(flag, on)} />
      ),
    },
    { title: 'What', wide: true, cell: flag => <About flag={flag} flags={flags} /> },
    {
      title: 'From',
      cell: ({ source }) =>
        source === 'default' ? <span class="meta">default</span> : <code>{source}</code>,
    },
  ];
  return (
    <>
      {corrupt.length > 0 && (
        <div class="notice problem" role="alert">
          <strong>Not a JSON object: {corrupt.join(', ')}</strong>
          <p>Its flags are ignored, and it is never written over. Mend it by hand.</p>
        </div>
      )}
      <section class="card">
        <Waiting answer={answer}>
          <Table label="Feature flags" rows={flags} columns={columns} keyOf={({ name }) => name} />
          <p class="meta">
            A switch writes <code>{file}</code>, and all flags that go together; the process follows at once.
          </p>
        </Waiting>
      </section>
      {rejected.length > 0 && (
        <section class="card">
          <h2>Ignored values</h2>
          <p class="meta">Only true and false count, without quotes.</p>
          <ul>
            {rejected.map(({ flag, file: where }) => (
              <li key={`${flag} ${where}`}>
                <code>{flag}</code> in <code>{where}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function About({ flag, flags }: { flag: FlagState; flags: readonly FlagState[] }) {
  const others = flags.filter(({ name, group }) => group && group === flag.group && name !== flag.name);
  return (
    <>
      {flag.doc ?? 'A flag of the config file’s own'}
      {others.length > 0 && <div class="meta">Written with {others.map(({ name }) => name).join(', ')}</div>}
    </>
  );
}

export const panel: Panel = {
  title: 'Flags',
  path: '/flags',
  order: 80,
  key: 'f',
  icon: 'M5 21V4 M5 4h11l-2 4 2 4H5',
  requires: PATH,
  View,
};
