import type { DecodedMetric } from '@plimsoll/wire';
import { log, span, spanId, traceId } from '../store/contract.ts';

/** What no row and no answer may show; said everywhere in an export where a text can stand. */
export const MAIL = 'marker.person@example.org';
export const TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
const text = `for ${MAIL} with ${TOKEN}`;
export const MARKERS = [MAIL, TOKEN, 'hunter2marker', 'marker-session-value', 'marker prompt of a person'];
const attributes = {
  ...{
    note: text,
    password: 'hunter2marker',
    'session.id': 'marker-session-value',
    prompt: 'marker prompt of a person',
  },
  ...{ list: [text, { deep: text }], map: { password: 'hunter2marker', more: [text] }, [`key ${MAIL}`]: 1 },
  bytes: new TextEncoder().encode(text),
};
const resource = { attributes: { 'service.name': `svc ${MAIL}`, ...attributes } };
export const under = <T>(items: readonly T[]) => [
  {
    ...{ resource, schemaUrl: `https://x/?token=${TOKEN}` },
    scopes: [{ scope: { name: text, version: text, attributes }, schemaUrl: `https://x/${TOKEN}`, items }],
  },
];

export const markedSpans = under([
  span(1, {
    ...{ name: text, traceState: `a=${TOKEN}`, status: { code: 2, message: text }, attributes },
    events: [{ name: text, time: 1, attributes }],
    links: [{ traceId: traceId(1), spanId: spanId(1), traceState: `b=${TOKEN}`, attributes }],
  }),
]);
export const markedLines = under([
  log(1, { body: text, attributes, severityText: text, logger: text, eventName: text }),
  log(2, { body: { password: 'hunter2marker', text, list: [text] } }),
  log(3, { body: [text] }),
]);
const at = { attributes, startTime: 0, time: 5, flags: 0 };
const exemplars = [{ attributes, time: 1, value: 1, integer: false }];
export const markedMetrics: readonly DecodedMetric[] = under<DecodedMetric>([
  {
    name: text,
    description: text,
    unit: text,
    type: 'gauge',
    points: [{ ...at, value: 1, integer: false, exemplars }],
  },
  {
    ...{ name: `h ${text}`, description: text, unit: text, type: 'histogram', temporality: 'delta' },
    points: [{ ...at, count: 1, buckets: [1], bounds: [], exemplars }],
  },
  {
    name: `s ${text}`,
    description: text,
    unit: '',
    type: 'summary',
    points: [{ ...at, count: 1, sum: 1, quantiles: [] }],
  },
])[0]!.scopes[0]!.items;
