import assert from 'node:assert/strict';

/** What a foreign service sends: OTLP as JSON, written by hand, so that nothing of ours stands between. */
export const TRACE = '0af7651916cd43dd8448eb211c80319c';
const ROOT = 'b7ad6b7169203331';
const CHILD = '00f067aa0ba902b7';

const nanos = (ms: number): string => `${BigInt(Math.round(ms * 1000)) * 1000n}`;
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const resource = {
  attributes: [
    text('service.name', 'shop'),
    text('service.version', '1.2'),
    text('telemetry.sdk.language', 'go'),
  ],
};

/** One trace of two spans, the second failed, beginning at `at`. */
const traces = (at: number) => ({
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          scope: { name: 'by-hand' },
          spans: [
            {
              traceId: TRACE,
              spanId: ROOT,
              name: 'GET /cart/:id',
              kind: 2,
              startTimeUnixNano: nanos(at),
              endTimeUnixNano: nanos(at + 120),
              attributes: [
                text('http.route', '/cart/:id'),
                { key: 'http.response.status_code', value: { intValue: '500' } },
              ],
              status: { code: 2 },
            },
            {
              traceId: TRACE,
              spanId: CHILD,
              parentSpanId: ROOT,
              name: 'SELECT carts',
              kind: 3,
              startTimeUnixNano: nanos(at + 10),
              endTimeUnixNano: nanos(at + 110),
              attributes: [text('db.system.name', 'postgresql')],
              status: { code: 2, message: 'timed out' },
            },
          ],
        },
      ],
    },
  ],
});

const logs = (at: number) => ({
  resourceLogs: [
    {
      resource,
      scopeLogs: [
        {
          scope: { name: 'cart' },
          logRecords: [
            {
              timeUnixNano: nanos(at + 20),
              severityNumber: 9,
              severityText: 'INFO',
              body: { stringValue: 'cart opened' },
              attributes: [text('colour', 'blue')],
            },
            {
              timeUnixNano: nanos(at + 100),
              severityNumber: 17,
              severityText: 'ERROR',
              body: { stringValue: 'the store\u001b[2J is slow' },
              attributes: [text('colour', 'red'), text('request_id', 'req-17')],
              traceId: TRACE,
              spanId: CHILD,
              flags: 1,
            },
          ],
        },
      ],
    },
  ],
});

const metrics = (at: number) => ({
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        {
          scope: { name: 'by-hand' },
          metrics: [
            {
              name: 'carts_open',
              description: 'Carts that are open',
              gauge: {
                dataPoints: [
                  { timeUnixNano: nanos(at), asDouble: 3, attributes: [text('region', 'north')] },
                  { timeUnixNano: nanos(at), asDouble: 5, attributes: [text('region', 'south')] },
                ],
              },
            },
            {
              name: 'cart_seconds',
              unit: 's',
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [
                  {
                    startTimeUnixNano: nanos(at - 1000),
                    timeUnixNano: nanos(at),
                    count: '4',
                    sum: 1.3,
                    explicitBounds: [0.1, 0.5, 1],
                    bucketCounts: ['1', '3', '0', '0'],
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
});

/** Sends a trace, two lines and two metrics of `shop`, and waits until they are taken. */
export async function sendShop(otlp: string, at: number): Promise<void> {
  for (const [path, body] of Object.entries({ traces: traces(at), logs: logs(at), metrics: metrics(at) })) {
    const response = await fetch(`${otlp}/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200, await response.text());
  }
}
