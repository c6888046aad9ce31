import type { TelemetryPreviewAnswer } from '@plimsoll/wire/ops';
import { bytes } from '../../lib/format.ts';
import { ops } from '../../lib/ops.ts';
import { useOps } from '../../lib/use-ops.ts';
import { JsonView } from '../../parts/json-view.tsx';
import { Waiting } from '../../parts/state.tsx';
import { toastProblem } from '../../parts/toast.tsx';
import type { At } from './panel.tsx';
import { batchOf } from './records.ts';

const HELD: Readonly<Record<NonNullable<TelemetryPreviewAnswer['reason']>, string>> = {
  flag_off: 'Nothing leaves: the flag is off.',
  no_consent: 'Nothing leaves: there is no consent.',
  dry_run: 'Nothing leaves: everything is kept here. This is what would have left.',
  no_endpoint: 'Nothing leaves: no endpoint is configured. This is what would have left.',
  no_storage: 'Nothing leaves: nothing is counted without a runtime root.',
};

/** The next batch, byte for byte, and where it goes. */
export function Leaving({ service, prefix }: At) {
  const preview = useOps<TelemetryPreviewAnswer>(service, `${prefix}/preview`, { everyMs: 5000 });
  const { data } = preview;
  const save = async () => {
    const result = await ops(service).download(`${prefix}/preview`, `${service}-preview.bin`, {
      format: 'raw',
    });
    if (!result.ok) toastProblem(result.problem);
  };
  return (
    <section class="card">
      <h2>What leaves</h2>
      <Waiting answer={preview}>
        {data && (
          <>
            <p>
              {data.reason ? (
                HELD[data.reason]
              ) : (
                <>
                  To <code>{data.endpoint}</code>; {data.queued}{' '}
                  {data.queued === 1 ? 'batch waits' : 'batches wait'}.
                </>
              )}
            </p>
            {data.size > 0 ? (
              <>
                <JsonView value={batchOf(data.readable)} label="The batch, to read" />
                <div class="privacy-actions">
                  <button type="button" onClick={() => void save()}>
                    Save the {bytes(data.size)}
                  </button>
                </div>
              </>
            ) : (
              <p class="meta">There is no batch now.</p>
            )}
          </>
        )}
      </Waiting>
    </section>
  );
}
