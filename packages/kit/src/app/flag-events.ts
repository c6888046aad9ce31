import type { Part } from '../kernel/part.ts';
import { eventBus } from '../kernel/ports.ts';

/** Raises `on_flag_changed` for each change, of however many flags, whether by API, by code or by an edit of a file. */
export const flagEvents: Part = {
  name: 'flag-events',
  setup: kit =>
    kit.flags.watch((flags, changed) => {
      eventBus(kit)?.emit('on_flag_changed', { changed, flags, timestamp: kit.clock.now() / 1000 });
    }),
};
