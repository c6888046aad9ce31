import type { AssetSidecarAnswer } from '@plimsoll/wire/ops';
import { toApiError } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { JsonView } from '../../parts/json-view.tsx';
import { Waiting } from '../../parts/state.tsx';

export function Sidecar({ service, prefix, uid }: { service: string; prefix: string; uid: string }) {
  const { data, problem, loading } = useOps<AssetSidecarAnswer>(service, `${prefix}/${uid}/sidecar`);
  const answer = { loading, ...(data && { data }), ...(problem && { error: toApiError(problem) }) };
  return (
    <div class="sidecar">
      <h2>Sidecar</h2>
      <Waiting answer={answer}>
        <p class="meta">{data?.path}</p>
        <JsonView value={data?.sidecar} label={`Sidecar of ${uid}`} />
      </Waiting>
    </div>
  );
}
