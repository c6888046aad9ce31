import type { HookEntryAnswer, HooksAnswer } from '@plimsoll/wire/ops';
import { ops } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { Waiting } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { toast, toastProblem } from '../../parts/toast.tsx';
import type { Bus } from './panel.tsx';

/** Every hook that the service has, with its fields; each can be raised by hand. */
export function CatalogueCard({ service, prefix }: Bus) {
  const hooks = useOps<HooksAnswer>(service, prefix);
  const raise = async ({ name }: HookEntryAnswer) => {
    const result = await ops(service).post(`${prefix}/test`, { event: name });
    if (!result.ok) return toastProblem(result.problem);
    toast(`${name} is raised`);
  };
  return (
    <section class="card">
      <h2>Catalogue</h2>
      <Waiting answer={hooks}>
        <Table
          label="Catalogue of hooks"
          rows={hooks.data?.hooks ?? []}
          keyOf={({ name }) => name}
          empty="The catalogue is empty."
          columns={[
            {
              title: 'Hook',
              cell: ({ name, description }) => (
                <>
                  <code>{name}</code>
                  <div class="meta">{description}</div>
                </>
              ),
            },
            { title: 'Topic', cell: ({ ws_topic: topic }) => <code>{topic}</code> },
            { title: 'Fields', wide: true, cell: row => <Fields payload={row.payload} /> },
            {
              title: '',
              cell: row => (
                <button type="button" aria-label={`Raise ${row.name}`} onClick={() => void raise(row)}>
                  Raise
                </button>
              ),
            },
          ]}
        />
      </Waiting>
    </section>
  );
}

function Fields({ payload }: { payload: HookEntryAnswer['payload'] }) {
  return (
    <span class="hook-fields">
      {Object.entries(payload).map(([name, about]) => (
        <code key={name} title={about}>
          {name}
        </code>
      ))}
    </span>
  );
}
