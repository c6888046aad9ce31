import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Level } from '@plimsoll/wire';
import { openKit } from './support/kit.ts';

describe('levels', () => {
  test('change while running: root, name, child', () => {
    const { kit, lines } = openKit();
    const named = kit.log.named('db');
    const child = kit.log.child({ c: 1 });
    const own = kit.log.child({ c: 2 }, { level: 'error' });
    const all = [kit.log, named, child, own];
    const written = (level: Level): number[] => {
      const before = lines().length;
      for (const [at, log] of all.entries()) log[level]({ at }, 'x');
      return lines()
        .slice(before)
        .map(line => line['at'] as number);
    };
    assert.deepEqual(written('debug'), []);
    kit.log.level = 'debug';
    assert.deepEqual(written('debug'), [0, 1, 2]);
    named.level = 'warn';
    assert.deepEqual(written('info'), [0, 2]);
    // Whoever else asks for the name gets its level.
    kit.log.named('db').info('not written');
    assert.deepEqual(written('error'), [0, 1, 2, 3]);
    kit.core.log.setLevel('silent');
    assert.deepEqual(written('fatal'), [1, 3]);
    own.level = 'trace';
    assert.deepEqual(written('trace'), [3]);
    assert.equal(own.isLevelEnabled('trace'), true);
    assert.equal(kit.log.isLevelEnabled('fatal'), false);
  });

  test('that are none are ignored', () => {
    const { kit, lines } = openKit();
    for (const level of ['loud', 'toString', 'constructor', '', undefined]) {
      kit.log.level = level as Level;
      kit.log.child({}, { level: level as string }).info('still');
    }
    assert.equal(kit.log.level, 'info');
    assert.equal(lines().length, 5);
  });

  test('of the logger `http` are those of request lines', () => {
    const { kit } = openKit();
    const { log } = kit.core;
    assert.deepEqual([log.allows('info'), log.allows('debug')], [true, false]);
    log.setLevel('silent', 'http');
    assert.deepEqual([log.allows('info'), log.allows('fatal')], [false, false]);
    log.setLevel('error');
    log.setLevel('info', 'http');
    assert.deepEqual([log.allows('info'), kit.log.isLevelEnabled('info')], [true, false]);
  });
});

describe('lines before there is a sink', () => {
  test('are delivered to the first one, in order', async () => {
    const { loadConfig } = await import('../src/config/load.ts');
    const { createKit } = await import('../src/kernel/create-kit.ts');
    const kit = createKit({ config: loadConfig({ code: { service: 'early' }, env: {}, argv1: undefined }) });
    for (let n = 0; n < 150; n++) kit.log.warn({ n }, 'early');
    const seen: unknown[] = [];
    kit.onLine(line => seen.push((JSON.parse(line) as { n: number }).n));
    kit.log.warn({ n: -1 }, 'late');
    assert.equal(seen.length, 101);
    assert.deepEqual([seen[0], seen[99], seen[100]], [0, 99, -1]);
  });

  test('and a sink that throws costs the others nothing', () => {
    const { kit, raw } = openKit();
    kit.onLine(() => {
      throw new Error('a bad sink');
    });
    const after: string[] = [];
    kit.onLine(line => after.push(line));
    kit.log.warn('x');
    assert.equal(raw.length, 1);
    assert.equal(after.length, 1);
    assert.equal(kit.core.log.lost, 1);
  });
});
