import { BUDGET_METRICS } from '@plimsoll/wire';
import { PlimsollError } from '../../base/errors.ts';
import type { Kit, Part } from '../../kernel/part.ts';
import { declare } from '../../signals/metrics/declare.ts';
import { Desk } from './desk.ts';
import { gate } from './gate.ts';
import { meter } from './meters.ts';

/** Load under control: who may run, who waits and why, what is unloaded, and which request is turned away. */
export const budgets: Part = { name: gate.name, setup };

async function setup(kit: Kit) {
  const wait = declare(kit.metrics, BUDGET_METRICS.wait).handle();
  const desk = new Desk(kit, ms => wait.observe(ms / 1000));
  // So that the first decision has figures.
  await desk.sample();
  const unmeter = meter(kit, desk);
  const hide = kit.expose(gate.name, () => desk);
  return () => {
    void hide();
    void unmeter();
    desk.close(kit.health.draining ? new PlimsollError('PLIMSOLL_CLOSED') : undefined);
  };
}
