import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeLogs, decodeMetrics, decodeTraces, tracesFromJson } from '@plimsoll/wire';
import { client } from '../src/parts/client/part.ts';
import { exported, exporting, namesIn, otlpOf, sinkFor } from './unit/parts/exporting.ts';
import { run, until } from './unit/parts/support.ts';

describe('what is sent', () => {
  it('spans go out as protobuf with the resource of the service', async () => {
    const sink = await sinkFor();
    const kit = await exporting({ endpoint: sink.url });
    const span = kit.trace.start('work', { attributes: { 'work.size': 3 } });
    span.end();
    assert.equal(await otlpOf(kit).flush(), true);
    const [request] = sink.received;
    assert.equal(request?.path, '/v1/traces');
    assert.equal(request?.headers['content-type'], 'application/x-protobuf');
    const [group] = decodeTraces(request!.body);
    assert.equal(group?.resource.attributes['service.name'], 'parts-test');
    assert.equal(group?.resource.attributes['deployment.environment.name'], 'production');
    const item = group?.scopes[0]?.items[0];
    assert.equal(item?.traceId, span.traceId);
    assert.equal(item?.spanId, span.spanId);
    assert.equal(item?.attributes['work.size'], 3);
    assert.equal(exported(kit), 1);
  });

  it('JSON says what protobuf says', async () => {
    const sink = await sinkFor();
    const kit = await exporting({ endpoint: sink.url, protocol: 'http/json' });
    const span = kit.trace.start('work', { attributes: { size: 3, share: 0.5, tags: ['a', 'b'] } });
    span.addEvent('halfway').end();
    assert.equal(await otlpOf(kit).flush(), true);
    const other = await exporting({ endpoint: sink.url });
    const twin = other.trace.start('work', { attributes: { size: 3, share: 0.5, tags: ['a', 'b'] } });
    twin.addEvent('halfway').end();
    await otlpOf(other).flush();
    const [json, protobuf] = sink.received;
    assert.equal(json?.headers['content-type'], 'application/json');
    const [a] = tracesFromJson(JSON.parse(json!.body.toString()))[0]!.scopes[0]!.items;
    const [b] = decodeTraces(protobuf!.body)[0]!.scopes[0]!.items;
    assert.equal(a?.traceId, span.traceId);
    assert.deepEqual(a?.attributes, b?.attributes);
    assert.deepEqual(
      a?.events.map(event => event.name),
      b?.events.map(event => event.name),
    );
    assert.equal(a?.spanKind, b?.spanKind);
  });

  it('gzip, headers and a login reach the collector, and the login is shown nowhere', async () => {
    const sink = await sinkFor();
    const endpoint = sink.url.replace('http://', 'http://me:geheim@');
    const kit = await exporting({ endpoint, compression: 'gzip', headers: { 'x-tenant': 'divan' } });
    kit.trace.start('packed').end();
    assert.equal(await otlpOf(kit).flush(), true);
    const { headers } = sink.received[0]!;
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(headers['x-tenant'], 'divan');
    assert.equal(headers.authorization, `Basic ${Buffer.from('me:geheim').toString('base64')}`);
    assert.deepEqual(namesIn(sink), ['packed']);
    assert.equal(JSON.stringify(otlpOf(kit)).includes('geheim'), false);
  });

  it('logs and metrics go to their own paths', async () => {
    const sink = await sinkFor();
    const kit = await exporting({ endpoint: sink.url, logsExporter: 'otlp', metricsExporter: 'otlp' });
    kit.metrics.counter('orders_total', { help: 'Orders' }).inc(3);
    kit.log.warn({ order: 7 }, 'order_late');
    assert.equal(await otlpOf(kit).flush(), true);
    const logs = sink.received
      .filter(({ path }) => path === '/v1/logs')
      .flatMap(({ body }) => decodeLogs(body));
    assert.equal(logs[0]?.scopes[0]?.items[0]?.body, 'order_late');
    const metrics = sink.received
      .filter(({ path }) => path === '/v1/metrics')
      .flatMap(({ body }) => decodeMetrics(body));
    const orders = metrics[0]?.scopes[0]?.items.find(({ name }) => name === 'orders_total');
    assert.equal(orders?.type, 'sum');
    assert.equal(orders?.type === 'sum' && orders.points[0]?.value, 3);
  });

  it('metrics are read again at their interval', async () => {
    const sink = await sinkFor();
    await exporting({
      endpoint: sink.url,
      tracesExporter: 'none',
      metricsExporter: 'otlp',
      metricIntervalMs: 20,
    });
    await until(() => sink.received.length >= 3);
  });

  it('an export makes no span and carries no trace', async () => {
    const sink = await sinkFor();
    const kit = await exporting({ endpoint: sink.url });
    await kit.use(client);
    await kit.trace.span('outer', async () => {
      kit.trace.start('inner').end();
      await otlpOf(kit).flush();
    });
    await otlpOf(kit).flush();
    assert.deepEqual(namesIn(sink).toSorted(), ['inner', 'outer']);
    for (const { headers } of sink.received) assert.equal(headers['traceparent'], undefined);
  });

  it('nothing is sent, and nobody listens, with OTEL_SDK_DISABLED', async () => {
    const sink = await sinkFor();
    const kit = await exporting({ endpoint: sink.url, disabled: true });
    kit.trace.start('unseen').end();
    assert.equal(kit.core.spans.active, false);
    assert.equal(kit.read('otlp'), undefined);
    await kit.close();
    assert.equal(sink.received.length, 0);
  });
});

describe('the end', () => {
  it('close sends what was recorded up to it', async () => {
    const sink = await sinkFor();
    const kit = await exporting({ endpoint: sink.url, scheduleDelayMs: 60_000 });
    for (let n = 0; n < 100; n++) kit.trace.start(`span ${n}`).end();
    await kit.close();
    assert.equal(namesIn(sink).length, 100);
  });

  it('a program that simply ends sends its spans, lines and metrics first', async () => {
    const sink = await sinkFor();
    const { code } = await run('spans.ts', { ENDPOINT: sink.url, SPANS: '50' });
    assert.equal(code, 0);
    assert.equal(namesIn(sink).length, 50);
    assert.deepEqual(
      new Set(sink.received.map(({ path }) => path)),
      new Set(['/v1/traces', '/v1/logs', '/v1/metrics']),
    );
  });

  it('a program ends although its collector hangs, or is not there', async () => {
    const sink = await sinkFor();
    sink.reply = () => {};
    assert.equal((await run('spans.ts', { ENDPOINT: sink.url, SPANS: '50' })).code, 0);
    assert.equal((await run('spans.ts', { ENDPOINT: 'http://127.0.0.1:9', SPANS: '50' })).code, 0);
  });
});
