import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeTraces, tracesRequest } from '@plimsoll/wire';
import { openTracing } from './support/kit.ts';

const PARENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const SENDER = { resource: { attributes: {} }, scopeName: 's', scopeVersion: '1' };

describe('what spans show', () => {
  const SECRET = 'sk-abcdefghij0123456789ABCDEFGHIJ';

  test('has no secret and nothing personal: attributes, events, links, status, names', () => {
    const { kit, spans } = openTracing();
    const span = kit.trace.start(`work ${SECRET}`, { attributes: { note: `x ${SECRET}` } });
    span.setAttributes({
      password: 'hunter2',
      'user.id': 48_213,
      userLat: 41.01,
      platform: 'web',
      latency_ms: 3,
    });
    span.addEvent(`event ${SECRET}`, { note: SECRET, token: 'hunter2' });
    span.addLink({ ...PARENT, attributes: { note: SECRET } });
    span.setStatus('error', `failed ${SECRET}`);
    span.updateName(`renamed ${SECRET}`);
    span.recordException(new Error(`boom ${SECRET}`));
    span.recordException(`${'x'.repeat(240)} ${SECRET}`);
    span.end();
    const text = JSON.stringify(spans);
    assert.ok(!/sk-abc|hunter2|48213|41\.01/.test(text), text);
    assert.equal(spans[0]?.attributes['platform'], 'web');
    assert.equal(spans[0]?.attributes['latency_ms'], 3);
    assert.match(spans[0]?.attributes['user.id'] as string, /^[0-9a-f]{32}$/);
  });

  test('keeps the shape of SQL and none of its literals, under both names', () => {
    const { kit, spans } = openTracing();
    const statement = "SELECT * FROM users WHERE email = 'a@example.org' AND id = 48213 -- note";
    kit.trace
      .start('q', { attributes: { 'db.query.text': statement, 'db.system.name': 'postgresql' } })
      .end();
    kit.trace.start('q', { attributes: { 'db.statement': statement, 'db.system': 'postgresql' } }).end();
    for (const [at, key] of ['db.query.text', 'db.statement'].entries()) {
      const shown = spans[at]?.attributes[key] as string;
      assert.match(shown, /^SELECT \* FROM users WHERE email = \? AND id = \?/);
      assert.ok(!/example|48213|note/.test(shown), shown);
    }
    assert.equal(spans[0]?.attributes['db.system.name'], 'postgresql');
  });

  test('is the same on the wire as in the record', () => {
    const { kit, spans } = openTracing();
    const bytes: Uint8Array[] = [];
    kit.onBytes('span', batch => bytes.push(batch.slice()));
    kit.trace.span('parent', { kind: 'producer', attributes: { a: [1, 'x', true], b: 2n ** 60n } }, span => {
      span.addEvent('e', { n: 1.5 }).addLink({ ...PARENT, attributes: { l: 1 } });
      kit.trace.span('child', () => {});
    });
    kit.core.flush();
    const [group] = decodeTraces(tracesRequest({ ...SENDER, spans: bytes }));
    const decoded = group?.scopes[0]?.items ?? [];
    assert.equal(decoded.length, 2);
    for (const [at, span] of decoded.entries()) {
      const { droppedAttributes, droppedEvents, droppedLinks, ...record } = spans[at] as (typeof spans)[0];
      assert.deepEqual([droppedAttributes, droppedEvents, droppedLinks], [0, 0, 0]);
      assert.deepEqual(span, { ...record, startTime: span.startTime, endTime: span.endTime });
      assert.ok(Math.abs(span.startTime - record.startTime) < 0.001);
      assert.ok(Math.abs(span.endTime - record.endTime) < 0.001);
    }
  });
});
