import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { followFlags, Switch } from '../../../src/app/switch.ts';
import { writeFileAtomicSync } from '../../../src/base/atomic-file.ts';
import type { Gate } from '../../../src/config/gate.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { createKit } from '../../../src/kernel/create-kit.ts';
import type { KitCore } from '../../../src/kernel/kit.ts';
import type { Part } from '../../../src/kernel/part.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-switch-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Lamp {
  shine(): boolean;
}

const gate: Gate<Lamp> = {
  name: 'lamp',
  on: (_config, flags) => flags.isEnabled('enable_lamp'),
  paths: () => ['/api/lamp'],
  off: { shine: () => false },
};

function writeFlags(features: object): void {
  writeFileAtomicSync(join(folder, 'config/plimsoll.json'), JSON.stringify({ features }));
}

function openLamp(on = gate): { kit: KitCore; lamp: Switch<Lamp>; log: string[] } {
  const config = loadConfig({
    ...{ code: { service: 'lamp', runtimeRoot: folder }, env: {}, argv1: undefined },
  });
  const kit = createKit({ config });
  const log: string[] = [];
  const part: Part = {
    name: 'lamp',
    setup(own) {
      log.push('on');
      const hide = own.expose('lamp', () => ({ shine: () => true }));
      return async () => {
        await hide();
        log.push('off');
      };
    },
  };
  const route = { method: 'GET', path: '/api/lamp', access: 'open', answer: z.any() } as const;
  const lamp = new Switch(kit, {
    ...{ gate: on, load: async () => part, routes: async () => [{ ...route, handle: () => ({}) }] },
  });
  return { kit, lamp, log };
}

const settle = async (kit: KitCore, lamp: Switch<Lamp>): Promise<void> => {
  kit.flags.refresh();
  await lamp.settle();
};

describe('a part with a gate', () => {
  test('is loaded when its flag turns on, torn down when it turns off, and on again', async () => {
    writeFlags({ enable_lamp: false });
    const { kit, lamp, log } = openLamp();
    await kit.use(followFlags([lamp]));
    assert.deepEqual([lamp.slot.impl.shine(), log, kit.core.groups().length], [false, [], 0]);
    for (const enable_lamp of [true, false, true]) {
      writeFlags({ enable_lamp });
      await settle(kit, lamp);
      assert.equal(lamp.slot.impl.shine(), enable_lamp);
      assert.equal(kit.core.groups().length, enable_lamp ? 1 : 0);
    }
    await kit.close();
    assert.deepEqual(log, ['on', 'off', 'on', 'off']);
  });

  test('that always answers keeps its routes while it is off', async () => {
    writeFlags({});
    const { kit, lamp } = openLamp({ ...gate, always: true });
    await kit.use(followFlags([lamp]));
    assert.deepEqual(
      kit.core.groups().map(({ paths }) => paths),
      [['/api/lamp']],
    );
    await kit.close();
  });

  test('that fails to start is logged, stays off, and is tried again at the next change', async () => {
    writeFlags({ enable_lamp: true });
    const { kit, log } = openLamp();
    const lines: string[] = [];
    kit.onLine(line => lines.push(line));
    let broken = true;
    const lamp = new Switch(kit, {
      gate,
      load: async () => {
        if (broken) throw new Error('no bulb');
        return { name: 'lamp', setup: own => own.expose('lamp', () => ({ shine: () => true })) };
      },
    });
    await kit.use(followFlags([lamp]));
    assert.equal(lamp.slot.impl.shine(), false);
    assert.match(lines.join('\n'), /part_switch_failed.*lamp|lamp.*part_switch_failed/);
    broken = false;
    writeFlags({ enable_lamp: true, other: true });
    await settle(kit, lamp);
    assert.equal(lamp.slot.impl.shine(), true);
    await kit.close();
    assert.deepEqual(log, []);
  });
});

test('what `use` gives back ends that part alone, once, and frees its name', async () => {
  const { kit } = openLamp();
  const log: string[] = [];
  const part = (name: string): Part => ({ name, setup: () => () => void log.push(name) });
  const stop = await kit.use(part('one'));
  await kit.use(part('two'));
  await stop();
  await stop();
  assert.deepEqual(log, ['one']);
  await kit.use(part('one'));
  await kit.close();
  assert.deepEqual(log, ['one', 'one', 'two']);
});
