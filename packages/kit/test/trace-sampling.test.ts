import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { heldClock, openKit, openTracing } from './support/kit.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const NOTHING = { ratio: 0, keepErrors: false, slowMs: 0 };

/** The rule of TraceIdRatioBased, as opentelemetry-js states it: the four words of the id, folded. */
function folds(traceId: string): number {
  let folded = 0n;
  for (let at = 0; at < 32; at += 8) folded ^= BigInt(`0x${traceId.slice(at, at + 8)}`);
  return Number(folded);
}

describe('ratio sampling', () => {
  test("agrees with OpenTelemetry's TraceIdRatioBased about every trace", () => {
    for (const ratio of [0.0001, 0.1, 0.5, 0.9]) {
      const { kit, spans } = openTracing({ ...NOTHING, ratio });
      const bound = Math.floor(ratio * 0xffff_ffff);
      for (let n = 0; n < 2000; n++) {
        const before = spans.length;
        const span = kit.trace.start('s');
        span.end();
        assert.equal(spans.length - before === 1, folds(span.traceId) < bound, span.traceId);
      }
    }
  });

  test('keeps all at 1 and none at 0', () => {
    for (const [ratio, expected] of [
      [1, 500],
      [0, 0],
    ] as const) {
      const { kit, spans } = openTracing({ ...NOTHING, ratio });
      for (let n = 0; n < 500; n++) kit.trace.span('s', () => kit.trace.span('inner', () => {}));
      assert.equal(spans.length, expected * 2);
    }
  });

  test('decides once for a trace: all its spans, or none', () => {
    const { kit, spans } = openTracing({ ...NOTHING, ratio: 0.3 });
    let kept = 0;
    for (let n = 0; n < 400; n++) {
      const before = spans.length;
      kit.trace.span('root', () => {
        kit.trace.span('a', () => kit.trace.span('b', () => {}));
        kit.trace.span('c', () => {});
      });
      const made = spans.length - before;
      assert.ok(made === 0 || made === 4, `${made} of 4 spans`);
      if (made > 0) {
        kept += 1;
        assert.equal(new Set(spans.slice(before).map(span => span.traceId)).size, 1);
      }
    }
    assert.ok(kept > 50 && kept < 200, String(kept));
  });

  test('tells those it calls: flag 01 where it keeps, 00 where it does not', () => {
    for (const [ratio, flag] of [
      [1, '01'],
      [0, '00'],
    ] as const) {
      for (const keep of [NOTHING, {}]) {
        const { kit } = openTracing({ ...keep, ratio });
        kit.trace.span('s', () => {
          const sent: Record<string, string> = {};
          kit.trace.inject(sent);
          assert.match(sent['traceparent'] as string, new RegExp(`^00-[0-9a-f]{32}-[0-9a-f]{16}-${flag}$`));
        });
      }
    }
  });

  test('leaves ids of unkept traces in the lines', () => {
    const { kit, lines } = openTracing(NOTHING);
    kit.trace.span('s', () => {
      kit.log.info('a');
      kit.trace.span('inner', () => kit.log.info('b'));
    });
    const [a, b] = lines();
    assert.match(a?.['trace_id'] as string, /^[0-9a-f]{32}$/);
    assert.equal(b?.['trace_id'], a?.['trace_id']);
  });
});

describe('traces that were not sampled', () => {
  test('are kept whole when something in them failed', () => {
    const { kit, spans } = openTracing({ ratio: 0, slowMs: 0 });
    kit.trace.span('fine', () => kit.trace.span('inner', () => {}));
    assert.equal(spans.length, 0);
    kit.trace.span('root', root => {
      kit.trace.span('before', () => {});
      assert.throws(() =>
        kit.trace.span('fails', () => {
          throw new Error('x');
        }),
      );
      assert.equal(spans.length, 0, 'nothing leaves before the root ended');
      root.setAttribute('a', 1);
    });
    assert.deepEqual(
      spans.map(span => span.name),
      ['before', 'fails', 'root'],
    );
  });

  test('are kept when their root was slow, not when only a child of a quick one says so', () => {
    const clock = heldClock();
    const { kit } = openKit({ trace: { enabled: true, ratio: 0, slowMs: 500, keepErrors: false } }, clock);
    const names: string[] = [];
    kit.on('span', span => names.push(span.name));
    const run = (name: string, ms: number): void => {
      kit.trace.span(name, () => {
        kit.trace.span(`${name}.inner`, () => {});
        clock.move(ms);
      });
    };
    run('quick', 499);
    run('slow', 500);
    assert.deepEqual(names, ['slow.inner', 'slow']);
  });

  test('and their late children follow the verdict', () => {
    const { kit, spans } = openTracing({ ratio: 0, slowMs: 0 });
    for (const fails of [true, false]) {
      const root = kit.trace.start('root');
      const late = kit.trace.with(root, () => kit.trace.start('late'));
      if (fails) root.setStatus('error');
      root.end();
      late.setStatus('error').end();
    }
    assert.deepEqual(
      spans.map(span => span.name),
      ['root', 'late'],
    );
  });

  test('hold 1,000 spans at most, and always their root', () => {
    const { kit, spans } = openTracing({ ratio: 0, slowMs: 0 });
    kit.trace.span('root', root => {
      for (let n = 0; n < 1500; n++) kit.trace.span('many', () => {});
      root.setStatus('error');
    });
    assert.equal(spans.length, 1001);
    assert.equal(spans.at(-1)?.name, 'root');
    assert.equal(kit.core.trace.dropped, 500);
  });

  test('are dropped with their errors where that is asked for', () => {
    const { kit, spans } = openTracing(NOTHING);
    kit.trace.start('s').setStatus('error').end();
    assert.equal(spans.length, 0);
  });
});

describe('a parent elsewhere', () => {
  const parent = (flags: string) => ({ traceparent: `00-${TRACE}-${SPAN}-${flags}` });

  test('that was sampled decides, whatever the ratio here', () => {
    const { kit, spans } = openTracing(NOTHING);
    kit.trace.span('s', { parent: kit.trace.extract(parent('01')) }, () => {});
    assert.equal(spans[0]?.parentSpanId, SPAN);
  });

  test('that was not sampled decides too: nothing is kept, errors included', () => {
    const { kit, spans } = openTracing();
    kit.trace.span('s', { parent: kit.trace.extract(parent('00')) }, span => {
      assert.equal(span.recording, false);
      const sent: Record<string, string> = {};
      kit.trace.inject(sent);
      assert.match(sent['traceparent'] as string, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
      span.setStatus('error');
      kit.trace.span('inner', inner => inner.setStatus('error'));
    });
    assert.equal(spans.length, 0);
  });

  test('that was not sampled has its errors kept by option', () => {
    const { kit, spans } = openTracing({ keepErrorsUnderUnsampledParent: true });
    const context = kit.trace.extract(parent('00'));
    kit.trace.span('fine', { parent: context }, () => {});
    kit.trace.span('bad', { parent: context }, span => span.setStatus('error'));
    assert.deepEqual(
      spans.map(span => [span.name, span.traceId, span.flags]),
      [['bad', TRACE, 0]],
    );
  });

  test('keeps its random flag on the way through', () => {
    const { kit } = openTracing();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), flags => {
        const received = parent(flags.toString(16).padStart(2, '0'));
        kit.trace.span('s', { parent: kit.trace.extract(received) }, () => {
          const sent: Record<string, string> = {};
          kit.trace.inject(sent);
          assert.equal(sent['traceparent']?.slice(-2), `0${flags & 3}`);
        });
      }),
    );
  });
});
