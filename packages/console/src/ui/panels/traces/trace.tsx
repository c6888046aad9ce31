import type { SpanRow, TraceAnswer } from '@plimsoll/wire';
import { useState } from 'preact/hooks';
import { go, hrefOf, param, setParams } from '../../lib/address.ts';
import { useAnswer } from '../../lib/answer.ts';
import { date, duration } from '../../lib/format.ts';
import { serviceColor } from '../../lib/services.ts';
import { traceName } from '../../lib/trace-name.ts';
import { Waiting } from '../../parts/state.tsx';
import { SpanDetail } from './span-detail.tsx';
import { extentOf } from './tree.ts';
import { Waterfall } from './waterfall.tsx';

export function Trace({ id }: { id: string }) {
  const answer = useAnswer<TraceAnswer>(`/traces/${encodeURIComponent(id)}?wait=5000`);
  const trace = answer.data;
  return (
    <div class="trace">
      <Waiting answer={answer}>{trace && <Shown trace={trace} />}</Waiting>
    </div>
  );
}

function Shown({ trace }: { trace: TraceAnswer }) {
  const selected = trace.spans.find(span => span.spanId === param('span'));
  const withLogs = param('logs') !== 'off';
  const critical = param('critical') !== 'off';
  return (
    <>
      <Head trace={trace} />
      <div class="toolbar">
        <label class="check">
          <input
            type="checkbox"
            checked={withLogs}
            onChange={() => setParams({ logs: withLogs ? 'off' : undefined })}
          />
          Log lines in place
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={critical}
            onChange={() => setParams({ critical: critical ? 'off' : undefined })}
          />
          Critical path
          {critical && <i class="critical-key" aria-hidden="true" />}
        </label>
        <CompareWith id={trace.traceId} />
      </div>
      <div class={selected ? 'trace-body with-detail' : 'trace-body'}>
        <Waterfall trace={trace} withLogs={withLogs} critical={critical} />
        {selected && <SpanDetail span={selected} from={extentOf(trace).from} />}
      </div>
    </>
  );
}

function Head({ trace }: { trace: TraceAnswer }) {
  const { spans, logs } = trace;
  const root: SpanRow | undefined = spans.find(span => span.parentSpanId === undefined) ?? spans[0];
  const route = spans.map(span => span.attributes['http.route']).find(one => typeof one === 'string');
  const { from, to } = extentOf(trace);
  const errors = spans.filter(span => span.status === 2).length;
  const names = [...new Set(spans.map(span => span.service))];
  return (
    <header class="trace-head">
      <p class="crumbs">
        <a href={hrefOf('/traces')}>Traces</a> / <code>{trace.traceId}</code>
      </p>
      <h1>
        {root
          ? traceName({ name: root.name, ...(typeof route === 'string' && { route }) })
          : 'Lines without spans'}
      </h1>
      <dl class="facts">
        <Fact label="Duration" value={duration(to - from)} />
        <Fact label="Started" value={date(from)} />
        <Fact label="Spans" value={String(spans.length)} />
        <Fact label="Lines" value={String(logs.length)} />
        <Fact label="Errors" value={String(errors)} bad={errors > 0} />
        <div>
          <dt>Services</dt>
          <dd>
            {names.map(name => (
              <span key={name} class="tag">
                <i class="swatch" style={{ background: serviceColor(name) }} />
                {name}
              </span>
            ))}
          </dd>
        </div>
        <div>
          <dt>All lines</dt>
          <dd>
            <a href={hrefOf('/logs', { traceId: trace.traceId, service: undefined })}>in Logs</a>
          </dd>
        </div>
      </dl>
    </header>
  );
}

function Fact({ label, value, bad = false }: { label: string; value: string; bad?: boolean }) {
  return (
    <div data-bad={bad}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function CompareWith({ id }: { id: string }) {
  const [other, setOther] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    const b = other.trim().toLowerCase();
    if (/^[0-9a-f]{32}$/.test(b)) go(hrefOf('/traces/compare', { a: id, b }));
  };
  return (
    <form class="compare-with" onSubmit={submit}>
      <label for="compare-with">Compare with</label>
      <input
        id="compare-with"
        value={other}
        placeholder="another trace id"
        spellcheck={false}
        autocomplete="off"
        onInput={event => setOther(event.currentTarget.value)}
      />
      <button type="submit">Compare</button>
    </form>
  );
}
