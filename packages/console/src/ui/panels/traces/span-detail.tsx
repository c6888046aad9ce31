import type { SpanRow } from '@plimsoll/wire';
import { hrefOf, setParams } from '../../lib/address.ts';
import { duration } from '../../lib/format.ts';
import { serviceColor } from '../../lib/services.ts';
import { AttributeTable } from '../../parts/attributes.tsx';
import { KIND_WORDS, STATUS_WORDS } from './words.ts';

/** All that a span says. */
export function SpanDetail({ span, from }: { span: SpanRow; from: number }) {
  const find = (key: string, value: string) => hrefOf('/traces', { attribute: `${key}=${value}` });
  return (
    <aside class="detail" aria-label={`Span ${span.name}`}>
      <header>
        <h2>{span.name}</h2>
        <button
          type="button"
          class="quiet"
          aria-label="Close the span"
          onClick={() => setParams({ span: undefined })}
        >
          ✕
        </button>
      </header>
      <p class="meta">
        <i class="swatch" style={{ background: serviceColor(span.service) }} /> {span.service} ·{' '}
        {KIND_WORDS[span.kind] ?? 'internal'} · starts at {duration(span.start - from)} · takes{' '}
        {duration(span.durationMs)}
      </p>
      <p class={span.status === 2 ? 'bad' : 'meta'}>
        {STATUS_WORDS[span.status]}
        {span.statusMessage && `: ${span.statusMessage}`}
      </p>
      <AttributeTable title="Attributes" of={span.attributes} find={find} />
      {span.events.map(event => (
        <AttributeTable
          key={`${event.name}${event.time}`}
          title={`Event ${event.name} at ${duration(event.time - from)}`}
          of={Object.keys(event.attributes).length > 0 ? event.attributes : { name: event.name }}
        />
      ))}
      {span.links.length > 0 && (
        <section class="attributes">
          <h4>Links</h4>
          <ul>
            {span.links.map(link => (
              <li key={link.spanId}>
                <a href={hrefOf(`/traces/${link.traceId}`, { span: link.spanId })}>{link.traceId}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
      <AttributeTable
        title="Ids"
        of={{
          ...{ span: span.spanId, parent: span.parentSpanId ?? 'none' },
          ...(span.scope && { scope: span.scope }),
        }}
      />
      <AttributeTable title="Resource" of={span.resource} />
    </aside>
  );
}
