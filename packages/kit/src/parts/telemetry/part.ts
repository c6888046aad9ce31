import type { Part } from '../../kernel/part.ts';
import { PORTS } from '../../kernel/ports.ts';
import { CORE, Core } from './core.ts';
import { telemetryGate } from './gate.ts';

export const telemetry: Part = {
  name: telemetryGate.name,
  async setup(kit) {
    const core = new Core(kit);
    await core.settle();
    const undo = [
      kit.expose(telemetryGate.name, () => core.recorder),
      kit.expose(PORTS.counters, () => core.recorder),
      kit.expose(CORE, () => core),
      kit.flags.files.watch(() => void core.settle()),
      kit.flushSync(() => core.flushSync()),
    ];
    return async () => {
      for (const stop of undo.reverse()) await stop();
      await core.close();
    };
  },
};
