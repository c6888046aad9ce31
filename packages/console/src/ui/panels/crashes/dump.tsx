import type { CrashAnswer, CrashesAnswer } from '@plimsoll/wire/ops';
import type { ComponentChildren } from 'preact';
import { hrefOf } from '../../lib/address.ts';
import { date } from '../../lib/format.ts';
import { useOps } from '../../lib/use-ops.ts';
import { JsonView } from '../../parts/json-view.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Waiting } from '../../parts/state.tsx';
import { toast } from '../../parts/toast.tsx';
import { Lines, Spans } from './before.tsx';
import { Frames } from './frames.tsx';
import { sourceOf } from './group.ts';

/** One dump, and the way to the others of the same crash. */
export function Dump({ service, id }: { service: string; id: string }) {
  const answer = useOps<CrashAnswer>(service, `/api/crashes/${encodeURIComponent(id)}`);
  return (
    <>
      <p class="meta crumbs">
        <a href={hrefOf('/crashes')}>Crashes</a> / {id}
      </p>
      <Waiting answer={answer}>{answer.data && <Content dump={answer.data} service={service} />}</Waiting>
    </>
  );
}

function Content({ dump, service }: { dump: CrashAnswer; service: string }) {
  return (
    <>
      <header>
        <h1>{dump.exc_type}</h1>
        <p class="crash-message">{dump.message}</p>
      </header>
      <Facts dump={dump} />
      <section class="card">
        <h2>Stack</h2>
        <Frames label="Stack" frames={dump.frames} />
        {dump.causes.map((cause, n) => (
          // Causes have no id, and a dump does not change.
          <div key={n} class="cause">
            <h3>
              Caused by {cause.exc_type}: <span class="crash-message">{cause.message}</span>
            </h3>
            <Frames label={`Stack of cause ${n + 1}`} frames={cause.frames} />
          </div>
        ))}
        <details>
          <summary>As text</summary>
          <Scroll label="Stack as text">
            <pre class="json">{dump.traceback}</pre>
          </Scroll>
        </details>
      </section>
      {Object.keys(dump.context).length > 0 && (
        <section class="card">
          <h2>Context</h2>
          <JsonView value={dump.context} label="Context" />
        </section>
      )}
      <section class="card">
        <h2>Lines before it</h2>
        <Lines lines={dump.lines} />
      </section>
      <section class="card">
        <h2>Spans before it</h2>
        <Spans spans={dump.spans} traceId={dump.trace_id} />
      </section>
      <Others service={service} dump={dump} />
    </>
  );
}

function Facts({ dump }: { dump: CrashAnswer }) {
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    ['When', date(Date.parse(dump.timestamp))],
    ['How it came to light', sourceOf(dump)],
    [
      'Request',
      dump.request_id && (
        <a key="request" href={hrefOf('/logs', { requestId: dump.request_id })}>
          {dump.request_id}
        </a>
      ),
    ],
    ['Route', dump.route && <code>{dump.route}</code>],
    [
      'Trace',
      dump.trace_id && <a href={hrefOf(`/traces/${dump.trace_id}`)}>{dump.trace_id.slice(0, 16)}…</a>,
    ],
    ['Process', String(dump.pid)],
    ['Folder', <code key="cwd">{dump.cwd}</code>],
    ['Fingerprint', <code key="fingerprint">{dump.fingerprint}</code>],
    ['Only counted before it', dump.suppressed && String(dump.suppressed)],
    [
      'Attachments',
      dump.attachments.length > 0 && dump.attachments.map(path => <code key={path}>{path} </code>),
    ],
    ['File', <File key="file" path={dump.path} />],
  ];
  return (
    <dl class="card facts">
      {facts
        .filter(([, value]) => Boolean(value))
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A page may not open a file, so it hands out its place. */
function File({ path }: { path: string }) {
  const copy = async () => {
    await navigator.clipboard.writeText(path).then(
      () => toast('The path is in the clipboard'),
      () => toast('The browser does not let us copy'),
    );
  };
  return (
    <>
      <code>{path}</code>{' '}
      <button type="button" class="quiet" onClick={() => void copy()}>
        Copy path
      </button>
    </>
  );
}

function Others({ service, dump }: { service: string; dump: CrashAnswer }) {
  const { data } = useOps<CrashesAnswer>(service, '/api/crashes?limit=500');
  const others =
    data?.crashes.filter(row => row.fingerprint === dump.fingerprint && row.id !== dump.id) ?? [];
  if (others.length === 0) return null;
  return (
    <section class="card">
      <h2>The same crash at other times</h2>
      <ul class="others">
        {others.slice(0, 50).map(row => (
          <li key={row.id}>
            <a href={hrefOf(`/crashes/${row.id}`)}>{date(Date.parse(row.timestamp))}</a>{' '}
            <span class="meta">{row.request_id ?? row.event_id}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
