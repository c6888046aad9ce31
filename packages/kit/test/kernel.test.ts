import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeLogs, logsRequest } from '@plimsoll/wire';
import { init } from 'plimsoll';
import { openKit, openTracing } from './support/kit.ts';

/** The messages in what a sink of encoded logs was given, and the number that it was told. */
function collecting() {
  const seen = { told: 0, bodies: [] as unknown[] };
  const take = (bytes: Uint8Array, count: number): void => {
    seen.told += count;
    const request = logsRequest({
      resource: { attributes: {} },
      scopeName: 'test',
      scopeVersion: '1',
      logs: [bytes],
    });
    for (const { scopes } of decodeLogs(request)) {
      seen.bodies.push(...scopes.flatMap(({ items }) => items.map(({ body }) => body)));
    }
  };
  return { seen, take };
}

describe('sinks', () => {
  test('of encoded logs get each record once, however many there are, and until they are ended', () => {
    const { kit } = openKit();
    const [one, other] = [collecting(), collecting()];
    const stop = kit.onBytes('log', one.take);
    const stopOther = kit.onBytes('log', other.take);
    kit.log.info('both');
    void stop();
    kit.log.info('other only');
    void stopOther();
    kit.log.info('nobody');
    kit.core.flush();
    assert.deepEqual(one.seen, { told: 1, bodies: ['both'] });
    assert.deepEqual(other.seen, { told: 2, bodies: ['both', 'other only'] });
  });

  test('keep exceptions out of spans until the last sink of encoded logs is ended', () => {
    const { kit, spans } = openTracing();
    const fail = (): void => void kit.trace.start('work').recordException(new Error('no')).end();
    const stops = [kit.onBytes('log', () => {}), kit.onBytes('log', () => {})];
    void stops[0]?.();
    fail();
    void stops[1]?.();
    fail();
    assert.deepEqual(
      spans.map(span => span.events.length),
      [0, 1],
    );
  });

  test('that log while they are given bytes lose nothing', () => {
    const { kit } = openKit();
    const { seen, take } = collecting();
    let first = true;
    kit.onBytes('log', (bytes, count) => {
      if (first) kit.log.warn('from the sink');
      first = false;
      take(bytes, count);
    });
    kit.log.info('first');
    kit.core.flush();
    kit.core.flush();
    assert.deepEqual(seen, { told: 2, bodies: ['first', 'from the sink'] });
  });

  test('of lines that throw are felt by nobody, for early lines too', async () => {
    const obs = await init({ service: 'early', env: 'production', log: { stdout: false } });
    obs.log.warn('before any sink');
    obs.onLine(() => {
      throw new Error('bad sink');
    });
    obs.log.warn('after it');
    await obs.close();
  });
});

describe('a kit', () => {
  test('tears down the part that was being set up when it was closed', async () => {
    const { kit } = openKit();
    const { promise: gate, resolve: go } = Promise.withResolvers<void>();
    let torn = 0;
    const used = kit.use({
      name: 'slow',
      setup: async () => {
        await gate;
        return () => {
          torn += 1;
        };
      },
    });
    const closed = kit.close();
    go();
    await assert.rejects(used, { code: 'PLIMSOLL_CLOSED' });
    await closed;
    assert.equal(torn, 1);
  });

  test('shares the process with many others, without a warning, and leaves no listener', async () => {
    const warnings: Error[] = [];
    const heard = (warning: Error): void => void warnings.push(warning);
    process.on('warning', heard);
    const names = process.eventNames();
    const count = (): number[] => names.map(name => process.listenerCount(name));
    const [before, room] = [count(), process.getMaxListeners()];
    const kits = await Promise.all(
      Array.from({ length: 15 }, (_, n) =>
        init({ service: `kit-${n}`, env: 'production', log: { level: 'error' } }),
      ),
    );
    await new Promise(resolve => setImmediate(resolve));
    for (const kit of kits) await kit.close();
    await new Promise(resolve => setImmediate(resolve));
    process.off('warning', heard);
    assert.deepEqual(warnings, []);
    assert.equal(process.getMaxListeners(), room);
    before[names.indexOf('warning')]! -= names.includes('warning') ? 1 : 0;
    assert.deepEqual(count(), before);
  });
});
