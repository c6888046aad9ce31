import type { TraceAnswer } from '@plimsoll/wire';
import { useMemo, useState } from 'preact/hooks';
import { param, setParams } from '../../lib/address.ts';
import { duration } from '../../lib/format.ts';
import { useKeys } from '../../lib/keys.ts';
import { serviceColor } from '../../lib/services.ts';
import { type Extent, extentOf, type LogNode, nodesOf, type SpanNode } from './tree.ts';

/** Rows drawn at once; a person pages through more. */
const ROWS = 400;

export interface WaterfallProps {
  readonly trace: TraceAnswer;
  readonly withLogs: boolean;
  readonly critical: boolean;
  /** The scale, where two traces share one. */
  readonly scale?: number;
}

export function Waterfall({ trace, withLogs, critical, scale }: WaterfallProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState(ROWS);
  const extent = useMemo(() => {
    const own = extentOf(trace);
    return scale === undefined ? own : { from: own.from, to: own.from + scale };
  }, [trace, scale]);
  const nodes = useMemo(() => nodesOf(trace, { closed, withLogs }), [trace, closed, withLogs]);
  const set = (id: string, open: boolean) =>
    setClosed(last => {
      const next = new Set(last);
      if (open) next.delete(id);
      else next.add(id);
      return next;
    });
  const focused = () => document.activeElement?.getAttribute('data-span');
  const fold = (open: boolean) => () => {
    const id = focused();
    if (id) set(id, open);
  };
  useKeys({ ArrowLeft: fold(false), ArrowRight: fold(true), Escape: () => setParams({ span: undefined }) });
  return (
    <div class="waterfall" data-keep-scroll>
      <Axis extent={extent} />
      <ol>
        {nodes
          .slice(0, shown)
          .map(node =>
            node.kind === 'span' ? (
              <SpanLine
                key={node.span.spanId}
                node={node}
                extent={extent}
                critical={critical}
                closed={closed.has(node.span.spanId)}
                set={set}
              />
            ) : (
              <LogLine key={`log ${node.log.seq} ${node.log.time}`} node={node} extent={extent} />
            ),
          )}
      </ol>
      {nodes.length > shown && (
        <button type="button" class="more" onClick={() => setShown(shown + ROWS)}>
          Show {Math.min(ROWS, nodes.length - shown)} more of {nodes.length - shown}
        </button>
      )}
    </div>
  );
}

const SHARES = [0, 0.25, 0.5, 0.75, 1];

function Axis({ extent }: { extent: Extent }) {
  return (
    <div class="axis" aria-hidden="true">
      <span />
      <div>
        {SHARES.map(share => (
          <span key={share} style={{ left: `${share * 100}%` }}>
            {duration((extent.to - extent.from) * share)}
          </span>
        ))}
      </div>
    </div>
  );
}

const place = ({ from, to }: Extent, time: number): number => ((time - from) / (to - from)) * 100;

interface SpanLineProps {
  readonly node: SpanNode;
  readonly extent: Extent;
  readonly critical: boolean;
  readonly closed: boolean;
  readonly set: (id: string, open: boolean) => void;
}

function SpanLine({ node, extent, critical, closed, set }: SpanLineProps) {
  const { span, depth, children } = node;
  const left = place(extent, span.start);
  const width = (span.durationMs / (extent.to - extent.from)) * 100;
  const waited = node.critical.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0);
  const chosen = param('span') === span.spanId;
  const label = `${span.name}, ${span.service}, ${duration(span.durationMs)}${span.status === 2 ? ', error' : ''}`;
  const why = critical && waited > 0 ? `, ${duration(waited)} of the critical path` : '';
  return (
    <li class="wf-row" data-bad={span.status === 2} data-chosen={chosen}>
      <div class="wf-name" style={{ paddingLeft: `${Math.min(depth, 24) * 14}px` }}>
        {children > 0 ? (
          <button
            type="button"
            class="fold"
            aria-expanded={!closed}
            aria-label={`${closed ? 'Open' : 'Close'} ${span.name}`}
            onClick={() => set(span.spanId, closed)}
          >
            {closed ? '▸' : '▾'}
          </button>
        ) : (
          <span class="fold" />
        )}
        <i class="swatch" style={{ background: serviceColor(span.service) }} />
        <button
          type="button"
          class="wf-open"
          data-row
          data-span={span.spanId}
          aria-pressed={chosen}
          aria-label={label + why}
          onClick={() => setParams({ span: chosen ? undefined : span.spanId })}
        >
          {span.name}
        </button>
      </div>
      <div
        class="wf-track"
        aria-hidden="true"
        onClick={() => setParams({ span: chosen ? undefined : span.spanId })}
      >
        <span
          class={critical && waited === 0 ? 'wf-bar faint' : 'wf-bar'}
          style={{ left: `${left}%`, width: `max(2px, ${width}%)`, background: serviceColor(span.service) }}
        />
        {critical &&
          node.critical.map(stretch => (
            <span
              key={stretch.from}
              class="wf-critical"
              style={{
                left: `${place(extent, stretch.from)}%`,
                width: `max(2px, ${place(extent, stretch.to) - place(extent, stretch.from)}%)`,
              }}
            />
          ))}
        {span.events.map(event => (
          <i
            key={`${event.name}${event.time}`}
            class="wf-event"
            style={{ left: `${place(extent, event.time)}%` }}
            title={event.name}
          />
        ))}
      </div>
      <span class="wf-took" aria-hidden="true">
        {duration(span.durationMs)}
      </span>
    </li>
  );
}

function LogLine({ node: { log, depth }, extent }: { node: LogNode; extent: Extent }) {
  const at = Math.min(Math.max(place(extent, log.time), 0), 100);
  return (
    <li class={`wf-row wf-log level-${log.level}`}>
      <div class="wf-name" style={{ paddingLeft: `${Math.min(depth, 24) * 14 + 18}px` }}>
        <span class="level">{log.level}</span>
        <span class="wf-body">{log.body}</span>
      </div>
      <div class="wf-track" aria-hidden="true">
        <i
          class="wf-dot"
          style={{ left: `${at}%` }}
          title={`${duration(log.time - extent.from)} ${log.body}`}
        />
      </div>
    </li>
  );
}
