import type { Part } from '../kernel/part.ts';
import { eventBus } from '../kernel/ports.ts';

/** Raises `on_flag_changed` for every flag that moved, whether by API, by code or by an edit of a file. */
export const flagEvents: Part = {
  name: 'flag-events',
  setup: kit =>
    kit.flags.watch((flags, changed) => {
      const bus = eventBus(kit);
      if (bus === undefined) return;
      const states = new Map(kit.flags.describe().map(state => [state.name, state]));
      for (const flag of changed) {
        bus.emit('on_flag_changed', {
          ...{ flag, value: flags[flag] ?? false, source: states.get(flag)?.source ?? 'default' },
        });
      }
    }),
};
