import type { AttemptAnswer, DeadLetterAnswer } from '@plimsoll/wire/ops';
import { duration } from '../../lib/format.ts';
import { ops } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { confirm } from '../../parts/dialog.tsx';
import { Waiting } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { toast, toastProblem } from '../../parts/toast.tsx';
import type { Bus } from './panel.tsx';
import { timeOf } from './stream.tsx';

const EVERY_MS = 2000;

/** The last attempts to deliver, and what was given up. */
export function Deliveries({ service, prefix }: Bus) {
  const attempts = useOps<{ attempts: readonly AttemptAnswer[] }>(service, `${prefix}/deliveries?limit=50`, {
    everyMs: EVERY_MS,
  });
  const dead = useOps<{ items: readonly DeadLetterAnswer[] }>(service, `${prefix}/dead-letters?limit=200`, {
    everyMs: EVERY_MS,
  });
  const replay = async (filter: { ids?: readonly string[] }) => {
    const result = await ops(service).post<{ replayed: number }>(`${prefix}/dead-letters/replay`, filter);
    if (!result.ok) return toastProblem(result.problem);
    const { replayed } = result.data;
    toast(`${replayed} ${replayed === 1 ? 'delivery goes' : 'deliveries go'} out again`);
    await dead.reload();
  };
  const replayAll = async () => {
    const text = `All dead letters of ${service} are delivered again, each with all its attempts before it.`;
    if (await confirm({ title: 'Replay all?', text, yes: 'Replay all' })) await replay({});
  };
  const letters = dead.data?.items ?? [];
  return (
    <>
      <section class="card">
        <div class="card-head">
          <h2>Dead letters</h2>
          {letters.length > 0 && (
            <button type="button" onClick={() => void replayAll()}>
              Replay all
            </button>
          )}
        </div>
        <Waiting answer={dead}>
          <Table
            label="Dead letters"
            rows={letters}
            keyOf={({ id, webhook }) => `${id} ${webhook}`}
            empty="Nothing was given up."
            columns={[
              { title: 'Given up', cell: ({ at }) => timeOf(at) },
              { title: 'Hook', cell: ({ event }) => <code>{event}</code> },
              { title: 'Message', wide: true, cell: ({ id }) => <code class="data">{id}</code> },
              { title: 'Why', cell: ({ reason, code }) => [reason, code].filter(Boolean).join(': ') },
              { title: 'Attempts', num: true, cell: row => row.attempts },
              {
                title: '',
                cell: ({ id }) => (
                  <button
                    type="button"
                    aria-label={`Replay ${id}`}
                    onClick={() => void replay({ ids: [id] })}
                  >
                    Replay
                  </button>
                ),
              },
            ]}
          />
        </Waiting>
      </section>
      <section class="card">
        <h2>Deliveries</h2>
        <Waiting answer={attempts}>
          <Table
            label="Deliveries"
            rows={attempts.data?.attempts ?? []}
            keyOf={({ id, webhook, attempt, at }) => `${id} ${webhook} ${attempt} ${at}`}
            empty="Nothing was delivered since the service started."
            columns={[
              { title: 'Time', cell: ({ at }) => timeOf(at) },
              { title: 'Hook', cell: ({ event }) => <code>{event}</code> },
              { title: 'Message', wide: true, cell: ({ id }) => <code class="data">{id}</code> },
              { title: 'Attempt', num: true, cell: row => row.attempt },
              {
                title: 'Result',
                cell: ({ ok, status, code }) => (
                  <span class={`tag ${ok ? 'good' : 'bad'}`}>
                    {ok ? status : (code ?? status ?? 'failed')}
                  </span>
                ),
              },
              { title: 'Took', num: true, cell: ({ latency_ms: ms }) => duration(ms) },
            ]}
          />
        </Waiting>
      </section>
    </>
  );
}
