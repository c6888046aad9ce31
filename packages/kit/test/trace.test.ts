import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openTracing } from './support/kit.ts';

const PARENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

describe('spans', () => {
  test('nest: each has the active one as its parent, across awaits and in parallel', async () => {
    const { kit, spans } = openTracing();
    await kit.trace.span('root', async () => {
      await Promise.all(
        ['a', 'b', 'c'].map(name =>
          kit.trace.span(name, async () => {
            await new Promise(resolve => setImmediate(resolve));
            await kit.trace.span(`${name}.inner`, async () => new Promise(resolve => setTimeout(resolve, 1)));
          }),
        ),
      );
    });
    const byName = new Map(spans.map(span => [span.name, span]));
    const root = byName.get('root');
    assert.equal(spans.length, 7);
    assert.equal(root?.parentSpanId, undefined);
    for (const name of ['a', 'b', 'c']) {
      assert.equal(byName.get(name)?.parentSpanId, root?.spanId);
      assert.equal(byName.get(`${name}.inner`)?.parentSpanId, byName.get(name)?.spanId);
    }
    assert.equal(new Set(spans.map(span => span.traceId)).size, 1);
    assert.equal(new Set(spans.map(span => span.spanId)).size, 7);
    for (const span of spans) assert.ok(span.endTime >= span.startTime);
  });

  test('that start the next turn of their own code make no chain: the last is as near to its request', async () => {
    const { kit, lines } = openTracing();
    await new Promise<void>(resolve => {
      let turns = 20_000;
      const turn = (): void =>
        kit.trace.span('turn', () => {
          turns -= 1;
          if (turns > 0) setImmediate(turn);
          else {
            kit.log.info('last turn');
            resolve();
          }
        });
      turn();
    });
    assert.equal(lines().at(-1)?.['msg'], 'last turn');
  });

  test("show neither the address in an error's name nor more of it than of its message", () => {
    const { kit, spans } = openTracing();
    const error = new Error('no');
    error.name = `Refused ada@example.com ${'x'.repeat(1000)}`;
    kit.trace.start('work').recordException(error).end();
    const type = String(spans[0]?.events[0]?.attributes['exception.type']);
    assert.doesNotMatch(type, /ada@/);
    assert.equal(type.length, 256);
  });

  test('give back what the function gives, and its own promise', async () => {
    const { kit } = openTracing();
    assert.equal(
      kit.trace.span('sync', () => 7),
      7,
    );
    assert.equal(await kit.trace.span('async', { kind: 'client' }, async () => 8), 8);
  });

  test('record what is thrown, now or later, and throw it on unchanged', async () => {
    const { kit, spans } = openTracing();
    const now = new TypeError('now');
    const later = new RangeError('later');
    assert.throws(
      () =>
        kit.trace.span('now', () => {
          throw now;
        }),
      error => error === now,
    );
    await assert.rejects(
      kit.trace.span('later', async () => {
        await null;
        throw later;
      }),
      error => error === later,
    );
    const [first, second] = spans;
    assert.deepEqual([first?.status.code, second?.status.code], [2, 2]);
    const event = second?.events[0];
    assert.equal(event?.name, 'exception');
    assert.equal(event?.attributes['exception.type'], 'RangeError');
    assert.equal(event?.attributes['exception.message'], 'later');
    assert.match(event?.attributes['exception.stacktrace'] as string, /\n\s+at /);
  });

  test('survive whatever is thrown', () => {
    const { kit, spans } = openTracing();
    const hostile = new Error('x');
    Object.defineProperty(hostile, 'message', {
      get: () => {
        throw new Error('a getter');
      },
    });
    const bare = Object.create(null) as object;
    for (const thrown of [undefined, null, 'text', 7n, Symbol('s'), bare, hostile, () => {}]) {
      assert.throws(
        () =>
          kit.trace.span('thrower', () => {
            throw thrown;
          }),
        error => error === thrown,
      );
    }
    assert.equal(spans.length, 8);
    assert.ok(spans.every(span => span.status.code === 2 && span.events.length === 1));
  });

  test('that were called ok stay ok, and a status keeps its message', () => {
    const { kit, spans } = openTracing();
    kit.trace.start('ok').setStatus('ok').recordException(new Error('handled')).end();
    kit.trace.start('error').setStatus('error', 'why').recordException(new Error('x')).end();
    assert.deepEqual(
      spans.map(span => span.status),
      [{ code: 1 }, { code: 2, message: 'why' }],
    );
  });

  test('ignore what comes after their end', () => {
    const { kit, spans } = openTracing();
    const span = kit.trace.start('short');
    span.end();
    span.setAttribute('late', 1).addEvent('late').setStatus('error').updateName('late').recordException(1);
    span.addLink({ ...PARENT, attributes: {} });
    span.end();
    assert.equal(spans.length, 1);
    assert.deepEqual([spans[0]?.name, spans[0]?.events.length, spans[0]?.attributes], ['short', 0, {}]);
  });

  test('never end before they start', () => {
    const { kit, spans } = openTracing();
    kit.trace.start('backwards', { startTime: 2000 }).end(1000);
    assert.equal(spans[0]?.endTime, 2000);
  });

  test('are frozen, and do not change with what their maker keeps', () => {
    const { kit, spans } = openTracing();
    const list = [1, 2];
    kit.trace.start('s', { attributes: { list } }).end();
    list.push(3);
    assert.ok(Object.isFrozen(spans[0]));
    assert.deepEqual(spans[0]?.attributes['list'], [1, 2]);
  });

  test('stop at 128 attributes, events and links, and count the rest', () => {
    const { kit, spans } = openTracing();
    const span = kit.trace.start('full');
    for (let n = 0; n < 200; n++) {
      span.setAttribute(`k${n}`, n);
      span.addEvent(`e${n}`);
      span.addLink({ ...PARENT, attributes: { n } });
    }
    span.setAttribute('k0', 'again');
    span.end();
    const [full] = spans;
    assert.equal(Object.keys(full?.attributes ?? {}).length, 128);
    assert.equal(full?.attributes['k0'], 'again');
    assert.deepEqual([full?.events.length, full?.links.length], [128, 128]);
    assert.deepEqual([full?.droppedAttributes, full?.droppedEvents, full?.droppedLinks], [72, 72, 72]);
  });

  test('take no attribute of a bad name or none of a value, and no link that is no id', () => {
    const { kit, spans } = openTracing();
    const span = kit.trace.start('s');
    span.setAttribute('', 1).setAttribute('absent', undefined).setAttribute('__proto__', { polluted: true });
    span.setAttribute('constructor', 'kept');
    span.addLink({ traceId: 'zz', spanId: PARENT.spanId, attributes: {} });
    span.end();
    assert.deepEqual(Object.keys(spans[0]?.attributes ?? {}), ['constructor']);
    assert.deepEqual([spans[0]?.links.length, spans[0]?.droppedLinks], [0, 1]);
  });
});
