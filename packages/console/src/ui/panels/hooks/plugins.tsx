import type { HookPluginsAnswer } from '@plimsoll/wire/ops';
import { useOps } from '../../lib/use-ops.ts';
import { Waiting } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import type { Bus } from './panel.tsx';

const EVERY_MS = 2000;
const GOOD = new Set(['running', 'starting']);

/** The plugins of a service in development, and what became of them. */
export function Plugins({ service, prefix }: Bus) {
  const plugins = useOps<HookPluginsAnswer>(service, `${prefix}/plugins`, { everyMs: EVERY_MS });
  const { enabled = false, root = '', plugins: rows = [] } = plugins.data ?? {};
  const none = enabled
    ? `There is no plugin in ${root}.`
    : 'Plugins run in developer mode only: set PLIMSOLL_DEV_MODE.';
  return (
    <section class="card">
      <h2>Plugins</h2>
      <Waiting answer={plugins}>
        <Table
          label="Plugins"
          rows={rows}
          keyOf={({ file }) => file}
          empty={none}
          columns={[
            { title: 'File', cell: ({ file }) => <code>{file}</code> },
            {
              title: 'State',
              cell: ({ state }) => <span class={`tag ${GOOD.has(state) ? 'good' : 'bad'}`}>{state}</span>,
            },
            { title: 'Hooks', wide: true, cell: ({ hooks }) => <code class="data">{hooks.join(', ')}</code> },
            { title: 'Calls', num: true, cell: ({ calls }) => calls },
            { title: 'Missed', num: true, cell: ({ missed }) => missed },
            { title: 'Errors', num: true, cell: ({ errors }) => errors },
            {
              title: 'Last error',
              wide: true,
              cell: row => <span class="data">{row.last_error?.split('\n')[0]}</span>,
            },
          ]}
        />
      </Waiting>
    </section>
  );
}
