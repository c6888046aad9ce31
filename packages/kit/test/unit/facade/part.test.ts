import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SpanRecord } from '@plimsoll/wire';
import type { Recorder } from '../../../src/parts/facade/gate.ts';
import { facade } from '../../../src/parts/facade/part.ts';
import { metricValue, openKit } from '../parts/support.ts';

const boom = (): never => {
  throw new Error('read');
};

async function openFacade(code: Parameters<typeof openKit>[0] = {}) {
  const kit = openKit({
    telemetry: { enabled: true, backend: 'hybrid' },
    trace: { enabled: true },
    ...code,
  });
  const lines: Record<string, unknown>[] = [];
  const spans: SpanRecord[] = [];
  kit.onLine(line => lines.push(JSON.parse(line)));
  kit.on('span', span => spans.push(span));
  await kit.use(facade);
  const recorder = kit.read<Recorder>('facade');
  assert.ok(recorder);
  return { kit, recorder, lines, spans };
}

describe('the part behind the facade', () => {
  it('loses one value where one getter throws, in the line and in the span', async () => {
    const { kit, recorder, lines, spans } = await openFacade();
    const properties = { plan: 'pro', seats: 4 };
    Object.defineProperty(properties, 'bad', { get: boom, enumerable: true });
    recorder.event('signup', properties);
    const kept = { plan: 'pro', seats: 4, bad: '[unreadable]' };
    assert.deepEqual(lines.at(-1)?.['properties'], kept);
    assert.deepEqual({ ...spans.at(-1)?.attributes }, kept);
    assert.equal(lines.at(-1)?.['span_id'], spans.at(-1)?.spanId);
    await kit.close();
  });

  it('writes the same hash of an id into line and span, and never the id', async () => {
    const { kit, recorder, lines, spans } = await openFacade();
    recorder.event('signup', { user_id: 48213 });
    const { user_id } = (lines.at(-1)?.['properties'] ?? {}) as { user_id?: unknown };
    assert.equal(typeof user_id, 'string');
    assert.equal(spans.at(-1)?.attributes['user_id'], user_id);
    assert.doesNotMatch(JSON.stringify([lines, spans]), /48213/);
    await kit.close();
  });

  it('bounds what is handed in: tags, names, and the values of a label', async () => {
    const { kit, recorder, lines, spans } = await openFacade({ metrics: { maxLabelValues: 3 } });
    recorder.metric('depth', 1, Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`tag${i}`, i])));
    assert.ok(Object.keys(lines.at(-1)?.['tags'] as object).length <= 11);
    assert.ok(Object.keys(spans.at(-1)?.attributes ?? {}).length <= 128);
    recorder.timing('n'.repeat(5000), 1, undefined);
    assert.equal(spans.at(-1)?.name.length, 128);
    for (let i = 0; i < 10; i++) recorder.event(`event ${i}`, undefined);
    assert.equal(metricValue(kit, 'telemetry_events_total', { event: 'other' }), 7);
    await kit.close();
  });

  it('observes milliseconds as seconds, and refuses what is no duration', async () => {
    const { kit, recorder, lines } = await openFacade();
    for (const durationMs of [1500, -1, Number.NaN, '3']) recorder.timing('render', durationMs, undefined);
    const family = kit.metrics.snapshot().find(({ name }) => name === 'telemetry_operation_duration_seconds');
    assert.ok(family?.type === 'histogram');
    assert.deepEqual([family.points[0]?.sum, family.points[0]?.count], [1.5, 1]);
    const failed = lines.filter(({ msg }) => msg === 'telemetry_call_failed');
    assert.equal(failed.length, 2);
    assert.match(JSON.stringify(failed), /the duration is below 0/);
    await kit.close();
  });

  it('gives nothing to record with once its kit is closed', async () => {
    const { kit } = await openFacade();
    await kit.close();
    assert.equal(kit.read('facade'), undefined);
  });
});
