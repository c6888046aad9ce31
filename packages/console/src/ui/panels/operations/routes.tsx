import type { OpsAnswer, OpsRoute } from '@plimsoll/wire';
import { useState } from 'preact/hooks';
import { useAnswer } from '../../lib/answer.ts';
import { type OpsResult, ops } from '../../lib/ops.ts';
import { confirm } from '../../parts/dialog.tsx';
import { JsonView } from '../../parts/json-view.tsx';
import { Waiting } from '../../parts/state.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { toast, toastProblem } from '../../parts/toast.tsx';

interface Shown {
  readonly path: string;
  readonly value: unknown;
}

/** The routes that the service lists. What reads can be read here; what acts and needs no body can be run. */
export function RouteList({ service }: { service: string }) {
  const answer = useAnswer<OpsAnswer>(`/ops/${encodeURIComponent(service)}`);
  const [shown, setShown] = useState<Shown | undefined>(undefined);
  const say = (path: string, result: OpsResult<unknown>): boolean => {
    if (result.ok) setShown({ path, value: result.data });
    else toastProblem(result.problem);
    return result.ok;
  };
  const read = async ({ path }: OpsRoute) => say(path, await ops(service).get(path));
  const save = async ({ path }: OpsRoute) => {
    const result = await ops(service).download(path, `${service}${path.replaceAll('/', '-')}.txt`);
    if (!result.ok) toastProblem(result.problem);
  };
  const run = async ({ path }: OpsRoute) => {
    const text = `POST ${path} runs in ${service}, now.`;
    if (!(await confirm({ title: 'Run this?', text, yes: 'Run' }))) return;
    if (say(path, await ops(service).post(path))) toast(`${path} is done`);
  };
  const columns: readonly Column<OpsRoute>[] = [
    { title: 'Method', cell: route => <code>{route.method}</code> },
    { title: 'Path', cell: route => <code>{route.path}</code> },
    { title: 'What', wide: true, cell: route => route.summary ?? '' },
    { title: 'Access', cell: route => route.access ?? '' },
    { title: '', cell: route => <Act route={route} onRead={read} onSave={save} onRun={run} /> },
  ];
  return (
    <section class="card">
      <h2>Routes</h2>
      <Waiting answer={answer}>
        <Table
          label="Routes of the ops API"
          rows={answer.data?.routes ?? []}
          columns={columns}
          keyOf={route => `${route.method} ${route.path}`}
          empty="The service lists no route."
        />
      </Waiting>
      {shown && (
        <div class="shown">
          <h3>
            {shown.path}{' '}
            <button type="button" class="quiet" onClick={() => setShown(undefined)}>
              Close
            </button>
          </h3>
          {typeof shown.value === 'string' ? (
            <pre class="json">{shown.value.slice(0, 100_000)}</pre>
          ) : (
            <JsonView value={shown.value} label={`Answer of ${shown.path}`} />
          )}
        </div>
      )}
    </section>
  );
}

interface ActProps {
  readonly route: OpsRoute;
  readonly onRead: (route: OpsRoute) => void;
  readonly onSave: (route: OpsRoute) => void;
  readonly onRun: (route: OpsRoute) => void;
}

function Act({ route, onRead, onSave, onRun }: ActProps) {
  const { method, path } = route;
  if (path.includes('/:')) return null;
  if (method === 'GET') {
    return (
      <span class="acts">
        <button type="button" aria-label={`Read ${path}`} onClick={() => onRead(route)}>
          Read
        </button>
        <button type="button" aria-label={`Save ${path}`} onClick={() => onSave(route)}>
          Save
        </button>
      </span>
    );
  }
  if (!isJob(route)) return null;
  return (
    <button type="button" aria-label={`Run ${path}`} onClick={() => onRun(route)}>
      Run
    </button>
  );
}

/** A job's route, as `obs.ops.job` describes it, takes no body. */
const isJob = ({ method, summary = '' }: OpsRoute): boolean =>
  method === 'POST' && summary.startsWith('Run the job ');
