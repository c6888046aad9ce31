import type { AssetReportAnswer } from '@plimsoll/wire/ops';
import { useState } from 'preact/hooks';
import { number } from '../../lib/format.ts';
import { ops } from '../../lib/ops.ts';
import { confirm } from '../../parts/dialog.tsx';
import { toast, toastProblem } from '../../parts/toast.tsx';

const LISTED = 50;
const counted = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;

/** What sidecars and metadata lack, asked for by hand: it reads the whole folder. */
export function Audit({ service, prefix }: { service: string; prefix: string }) {
  const [answer, setAnswer] = useState<AssetReportAnswer>();
  const [busy, setBusy] = useState(false);
  const run = async (mend: boolean) => {
    setBusy(true);
    const client = ops(service);
    const body = { fix_missing: true, fill_metadata: false };
    const result = mend
      ? await client.post<AssetReportAnswer>(`${prefix}/enforce`, body)
      : await client.get<AssetReportAnswer>(`${prefix}/audit`);
    setBusy(false);
    if (!result.ok) return toastProblem(result.problem);
    setAnswer(result.data);
    if (mend)
      toast(`${counted(result.data.report.repaired_sidecars.length, 'sidecar is', 'sidecars are')} written`);
  };
  const mend = async () => {
    const text = 'It writes every sidecar that is missing.';
    if (await confirm({ title: 'Write the sidecars?', text, yes: 'Write' })) await run(true);
  };
  return (
    <section class="card audit">
      <h2>Audit</h2>
      <p class="audit-acts">
        <button type="button" disabled={busy} onClick={() => void run(false)}>
          Look, write nothing
        </button>
        <button type="button" disabled={busy} onClick={() => void mend()}>
          Write what is missing
        </button>
      </p>
      {answer && <Report answer={answer} />}
    </section>
  );
}

function Report({ answer: { ok, report } }: { answer: AssetReportAnswer }) {
  const { missing_sidecars, repaired_sidecars, metadata_missing } = report;
  return (
    <div role="status">
      <p>
        <strong class={ok ? 'audit-good' : 'audit-bad'}>
          {ok
            ? 'No sidecar is missing'
            : `${counted(missing_sidecars.length, 'sidecar is', 'sidecars are')} missing`}
        </strong>
        {repaired_sidecars.length > 0 && `, ${counted(repaired_sidecars.length, 'was', 'were')} written`}
        {metadata_missing.length > 0 &&
          `; ${counted(metadata_missing.length, 'asset lacks', 'assets lack')} tags or a licence`}
      </p>
      <ul class="audit-list">
        {missing_sidecars.slice(0, LISTED).map(uid => (
          <li key={uid}>
            <code>{uid}</code> has no sidecar
          </li>
        ))}
        {metadata_missing.slice(0, LISTED).map(({ uid, fields }) => (
          <li key={`${uid} meta`}>
            <code>{uid}</code> has no {fields.join(' and no ')}
          </li>
        ))}
      </ul>
    </div>
  );
}
