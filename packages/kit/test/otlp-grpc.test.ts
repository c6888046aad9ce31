// Long because it is one list of cases against one collector.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ServerCredentials, status } from '@grpc/grpc-js';
import { decodeLogs, decodeMetrics, decodeTraces } from '@plimsoll/wire';
import {
  dropped,
  exported,
  exporting,
  failed,
  linesOf,
  open,
  otlpOf,
  QUICK,
} from './unit/parts/exporting.ts';
import { type GrpcSink, openGrpcSink, partial, retryInfo } from './unit/parts/grpc-sink.ts';
import { metricValue, run, until } from './unit/parts/support.ts';

async function sinkFor(credentials?: ServerCredentials, port = 0): Promise<GrpcSink> {
  const sink = await openGrpcSink(credentials, port);
  open.push(sink);
  return sink;
}

const endpointOf = (sink: GrpcSink) => `grpc://127.0.0.1:${sink.port}`;

describe('what is sent over gRPC', () => {
  it('traces, logs and metrics reach their services as protobuf', async () => {
    const sink = await sinkFor();
    const kit = await exporting({
      ...{ endpoint: endpointOf(sink), logsExporter: 'otlp', metricsExporter: 'otlp' },
    });
    const span = kit.trace.start('work', { attributes: { 'work.size': 3 } });
    span.end();
    kit.log.warn({ order: 7 }, 'order_late');
    kit.metrics.counter('orders_total', { help: 'Orders' }).inc(3);
    assert.equal(await otlpOf(kit).flush(), true);
    const bodyOf = (service: string) => sink.received.find(one => one.service === service)!.body;
    const [group] = decodeTraces(bodyOf('trace.v1.TraceService'));
    assert.equal(group?.resource.attributes['service.name'], 'parts-test');
    assert.equal(group?.scopes[0]?.items[0]?.traceId, span.traceId);
    assert.equal(decodeLogs(bodyOf('logs.v1.LogsService'))[0]?.scopes[0]?.items[0]?.body, 'order_late');
    const metrics = decodeMetrics(bodyOf('metrics.v1.MetricsService'))[0]?.scopes[0]?.items;
    assert.ok(metrics?.some(({ name }) => name === 'orders_total'));
    assert.equal(exported(kit), 1);
    assert.equal(otlpOf(kit).signals.traces?.endpoint, `127.0.0.1:${sink.port}`);
  });

  it('gzip, headers and a login reach the collector, and the login is shown nowhere', async () => {
    const sink = await sinkFor();
    const kit = await exporting({
      endpoint: `grpc://me:geheim@127.0.0.1:${sink.port}`,
      compression: 'gzip',
      headers: { 'X-Tenant': 'divan' },
    });
    for (let n = 0; n < 100; n++) kit.trace.start('packed').end();
    assert.equal(await otlpOf(kit).flush(), true);
    const { metadata } = sink.received[0]!;
    assert.equal(metadata['x-tenant'], 'divan');
    assert.equal(metadata['authorization'], `Basic ${Buffer.from('me:geheim').toString('base64')}`);
    assert.equal(sink.names().length, 100);
    assert.equal(JSON.stringify(otlpOf(kit)).includes('geheim'), false);
  });

  it('a header that gRPC refuses costs the spans and nothing else', async () => {
    const sink = await sinkFor();
    const kit = await exporting({ endpoint: endpointOf(sink), headers: { 'no spaces': 'x' } });
    kit.trace.start('lost').end();
    assert.equal(await otlpOf(kit).flush(), false);
    assert.equal(dropped(kit, 'refused'), 1);
  });

  it('a program that simply ends sends what it has; one whose collector hangs or is gone ends too', async () => {
    const sink = await sinkFor();
    assert.equal((await run('spans.ts', { ENDPOINT: endpointOf(sink), SPANS: '50' })).code, 0);
    assert.equal(sink.names().length, 50);
    assert.equal(new Set(sink.received.map(({ service }) => service)).size, 3);
    sink.reply = () => {};
    assert.equal((await run('spans.ts', { ENDPOINT: endpointOf(sink), SPANS: '50' })).code, 0);
    assert.equal((await run('spans.ts', { ENDPOINT: 'grpc://127.0.0.1:9', SPANS: '50' })).code, 0);
  });
});

describe('a gRPC collector in trouble', () => {
  for (const code of [
    'UNAVAILABLE',
    'ABORTED',
    'CANCELLED',
    'OUT_OF_RANGE',
    'DATA_LOSS',
    'DEADLINE_EXCEEDED',
  ] as const) {
    it(`that says ${code} gets the same spans again`, async () => {
      const sink = await sinkFor();
      sink.reply = (done, count) => (count < 3 ? done({ code: status[code] }) : done(null, Buffer.alloc(0)));
      const kit = await exporting({ endpoint: endpointOf(sink) });
      kit.trace.start('patient').end();
      await until(() => exported(kit) === 1);
      assert.deepEqual(sink.names(), ['patient', 'patient', 'patient']);
      assert.equal(failed(kit, code), 2);
    });
  }

  for (const code of [
    'INVALID_ARGUMENT',
    'UNAUTHENTICATED',
    'UNIMPLEMENTED',
    'INTERNAL',
    'RESOURCE_EXHAUSTED',
  ] as const) {
    it(`that says ${code} is not asked again: the spans are dropped and counted`, async () => {
      const sink = await sinkFor();
      sink.reply = (done, count) =>
        count === 1 ? done({ code: status[code] }) : done(null, Buffer.alloc(0));
      const kit = await exporting({ endpoint: endpointOf(sink) });
      kit.trace.start('refused').end();
      await until(() => dropped(kit, 'refused') === 1);
      kit.trace.start('taken').end();
      await until(() => exported(kit) === 1);
      assert.deepEqual(sink.names(), ['refused', 'taken']);
    });
  }

  it('that is exhausted and says when to come back is asked then and not by the back-off', async () => {
    const sink = await sinkFor();
    sink.reply = (done, count) =>
      count === 1
        ? done({ code: status.RESOURCE_EXHAUSTED, metadata: retryInfo(1300) })
        : done(null, Buffer.alloc(0));
    const hour = 3_600_000;
    const kit = await exporting(
      { endpoint: endpointOf(sink) },
      { ...QUICK, firstRetryMs: hour, maxRetryMs: hour },
    );
    kit.trace.start('later').end();
    await until(() => exported(kit) === 1);
    assert.equal(sink.received.length, 2);
  });

  it('that takes a part says so: the rest is counted, with one warning', async () => {
    const sink = await sinkFor();
    sink.reply = done => done(null, partial(1, 'too old'));
    const kit = await exporting({ endpoint: endpointOf(sink) });
    const lines = linesOf(kit);
    for (let round = 0; round < 2; round++) {
      kit.trace.start('one').end();
      kit.trace.start('two').end();
      await otlpOf(kit).flush();
    }
    assert.equal(dropped(kit, 'rejected'), 2);
    assert.equal(exported(kit), 2);
    assert.equal(lines.filter(({ msg }) => msg === 'otlp_partial_success').length, 1);
  });

  it('that answers OK with nonsense has taken the spans', async () => {
    const sink = await sinkFor();
    sink.reply = done => done(null, Buffer.from('{"this is": not protobuf'));
    const kit = await exporting({ endpoint: endpointOf(sink) });
    kit.trace.start('fine').end();
    assert.equal(await otlpOf(kit).flush(), true);
    assert.equal(exported(kit), 1);
  });

  it('that never answers is left after the timeout', async () => {
    const sink = await sinkFor();
    sink.reply = (done, count) => count > 1 && done(null, Buffer.alloc(0));
    const kit = await exporting({ endpoint: endpointOf(sink), timeoutMs: 200 });
    kit.trace.start('slow').end();
    await until(() => exported(kit) === 1);
    assert.equal(failed(kit, 'DEADLINE_EXCEEDED'), 1);
  });

  it('that is gone and comes back gets what was recorded in between, without a restart', async () => {
    const first = await openGrpcSink();
    const kit = await exporting({ endpoint: endpointOf(first) });
    kit.trace.start('before').end();
    assert.equal(await otlpOf(kit).flush(), true);
    await first.close();
    kit.trace.start('between').end();
    await until(() => failed(kit, 'UNAVAILABLE') > 1);
    const second = await sinkFor(undefined, first.port);
    await until(() => second.names().includes('between'));
  });

  it('can not hold a close: what is left is dropped and counted', async () => {
    const sink = await sinkFor();
    sink.reply = () => {};
    const kit = await exporting({ endpoint: endpointOf(sink), timeoutMs: 100 });
    kit.trace.start('stuck').end();
    await kit.close();
    const lost = ['unavailable', 'closed'].map(reason => dropped(kit, reason));
    assert.equal(lost[0]! + lost[1]!, 1);
    assert.equal(metricValue(kit, 'plimsoll_otlp_exported_total', { signal: 'traces' }), 0);
  });
});

describe('TLS towards the collector', () => {
  it('trusts the authority it is given, shows its certificate, and trusts no other', async t => {
    const pem = await certificates(t);
    if (pem === undefined) return;
    const pair = { cert_chain: await pem.read('server.crt'), private_key: await pem.read('server.key') };
    const sink = await sinkFor(ServerCredentials.createSsl(await pem.read('ca.crt'), [pair], true));
    const endpoint = `grpcs://localhost:${sink.port}`;
    const files = {
      certificate: pem.path('ca.crt'),
      clientKey: pem.path('client.key'),
      clientCertificate: pem.path('client.crt'),
    };
    const trusting = await exporting({ endpoint, ...files });
    trusting.trace.start('sealed').end();
    assert.equal(await otlpOf(trusting).flush(), true);
    for (const less of [{ certificate: files.certificate }, {}]) {
      const other = await exporting({ endpoint, ...less });
      other.trace.start('refused').end();
      assert.equal(await otlpOf(other).flush(), false);
    }
    const plain = await exporting({ endpoint: endpoint.replace('grpcs', 'grpc') });
    plain.trace.start('plain').end();
    assert.equal(await otlpOf(plain).flush(), false);
    assert.deepEqual(sink.names(), ['sealed']);
  });

  it('means the same over HTTP', async t => {
    const pem = await certificates(t);
    if (pem === undefined) return;
    const [key, cert, ca] = await Promise.all(['server.key', 'server.crt', 'ca.crt'].map(pem.read));
    const server = createServer({ key, cert, ca, requestCert: true }, (request, response) => {
      request.resume().on('end', () => response.end());
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise(resolve => server.close(resolve)) });
    const endpoint = `https://localhost:${(server.address() as AddressInfo).port}`;
    const files = {
      certificate: pem.path('ca.crt'),
      clientKey: pem.path('client.key'),
      clientCertificate: pem.path('client.crt'),
    };
    for (const [options, sent] of [
      [files, true],
      [{ certificate: files.certificate }, false],
      [{}, false],
    ] as const) {
      const kit = await exporting({ endpoint, ...options });
      kit.trace.start('sealed').end();
      assert.equal(await otlpOf(kit).flush(), sent);
    }
  });
});

it('without @grpc/grpc-js the finding says what to install, and nothing is sent', async () => {
  const { stdout } = await run('no-grpc.ts');
  assert.deepEqual(JSON.parse(stdout), {
    findings: [{ field: 'OTEL_EXPORTER_OTLP_ENDPOINT', code: 'otlp_grpc_unavailable' }],
    wanted: false,
    loaded: [],
  });
});

it('gRPC is loaded only where a signal goes over it', async () => {
  const { stdout } = await run('no-grpc.ts', { WITH: 'http' });
  assert.deepEqual(JSON.parse(stdout), { findings: [], wanted: true, loaded: [] });
});

/** An authority, a server and a client, made for this test. */
async function certificates(t: TestContext) {
  if (spawnSync('openssl', ['version']).status !== 0) {
    if (process.env['PLIMSOLL_TEST_REQUIRE'] === 'all') throw new Error('apt install openssl');
    t.skip('apt install openssl');
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-tls-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test authority');
  for (const name of ['server', 'client']) {
    openssl(
      ...['req', '-x509', '-CA', 'ca.crt', '-CAkey', 'ca.key', ...key, '-subj', `/CN=${name}`],
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', `${name}.key`, '-out', `${name}.crt`],
    );
  }
  const path = (name: string) => join(folder, name);
  return { path, read: (name: string) => readFile(path(name)) };
}
