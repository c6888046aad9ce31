import type { HooksAnswer, WebhookAnswer } from '@plimsoll/wire/ops';
import { useState } from 'preact/hooks';
import { ops } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { confirm, Dialog } from '../../parts/dialog.tsx';
import { Waiting } from '../../parts/state.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { toast, toastProblem } from '../../parts/toast.tsx';
import type { Bus } from './panel.tsx';

const EVERY_MS = 2000;

/** Who is told of which hook, and how that goes. */
export function Webhooks({ service, prefix }: Bus) {
  const hooks = useOps<HooksAnswer>(service, prefix, { everyMs: EVERY_MS });
  const [adding, setAdding] = useState(false);
  const remove = async ({ event, url }: WebhookAnswer) => {
    const text = `${event} no longer goes to ${url}, nor does what waits for it.`;
    if (!(await confirm({ title: 'Remove this webhook?', text, yes: 'Remove', danger: true }))) return;
    const result = await ops(service).delete(`${prefix}/webhooks`, { event, url });
    if (!result.ok) return toastProblem(result.problem);
    toast('The webhook is removed');
    await hooks.reload();
  };
  const enable = async ({ id }: WebhookAnswer) => {
    const result = await ops(service).post(`${prefix}/webhooks/${id}/enable`);
    if (!result.ok) return toastProblem(result.problem);
    await hooks.reload();
  };
  const columns: readonly Column<WebhookAnswer>[] = [
    { title: 'Hook', cell: ({ event }) => <code>{event}</code> },
    { title: 'URL', wide: true, cell: ({ url }) => <code class="data">{url}</code> },
    { title: 'State', cell: row => <State row={row} /> },
    { title: 'Waiting', num: true, cell: ({ pending }) => pending },
    { title: 'Dead', num: true, cell: ({ dead }) => dead },
    {
      title: '',
      cell: row => (
        <span class="acts">
          {row.disabled && (
            <button type="button" onClick={() => void enable(row)}>
              Enable
            </button>
          )}
          <button
            type="button"
            aria-label={`Remove ${row.event} ${row.url}`}
            onClick={() => void remove(row)}
          >
            Remove
          </button>
        </span>
      ),
    },
  ];
  return (
    <section class="card">
      <div class="card-head">
        <h2>Webhooks</h2>
        <button type="button" onClick={() => setAdding(true)}>
          Add
        </button>
      </div>
      <Waiting answer={hooks}>
        <Table
          label="Webhooks"
          rows={hooks.data?.webhooks ?? []}
          columns={columns}
          keyOf={({ id }) => id}
          empty="No webhook is registered."
        />
      </Waiting>
      {adding && (
        <Add
          {...{ service, prefix }}
          names={(hooks.data?.hooks ?? []).map(({ name }) => name)}
          onDone={() => {
            setAdding(false);
            void hooks.reload();
          }}
        />
      )}
    </section>
  );
}

function State({ row: { disabled, breaker, signed, ordered } }: { row: WebhookAnswer }) {
  const bad = disabled === 'gone' || breaker !== 'closed';
  const word =
    disabled === 'gone' ? 'gone (410)' : breaker === 'closed' ? 'delivering' : `breaker ${breaker}`;
  return (
    <span class="states">
      <span class={`tag ${bad ? 'bad' : 'good'}`}>{word}</span>
      <span class="tag">{signed ? 'signed' : 'unsigned'}</span>
      {ordered && <span class="tag">in order</span>}
    </span>
  );
}

function Add({ service, prefix, names, onDone }: Bus & { names: readonly string[]; onDone: () => void }) {
  const add = async (form: HTMLFormElement) => {
    const given = new FormData(form);
    const secret = String(given.get('secret') ?? '');
    const result = await ops(service).post(`${prefix}/webhooks`, {
      ...{ event: given.get('event'), url: given.get('url'), ordered: given.get('ordered') === 'on' },
      ...(secret && { secret }),
    });
    if (!result.ok) return toastProblem(result.problem);
    toast('The webhook is registered');
    onDone();
  };
  return (
    <Dialog title="Add a webhook" onClose={onDone}>
      <form
        class="hook-form"
        onSubmit={event => {
          event.preventDefault();
          void add(event.currentTarget);
        }}
      >
        <label class="field">
          <span>Hook</span>
          <select name="event">
            {names.map(name => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>URL</span>
          <input name="url" type="url" required placeholder="https://example.com/hook" spellcheck={false} />
        </label>
        <label class="field">
          <span>Secret</span>
          <input name="secret" type="password" autocomplete="off" placeholder="whsec_… or any text" />
        </label>
        <label class="tick">
          <input name="ordered" type="checkbox" /> One after the other, in order
        </label>
        <div class="dialog-end">
          <button type="button" onClick={onDone}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Add
          </button>
        </div>
      </form>
    </Dialog>
  );
}
