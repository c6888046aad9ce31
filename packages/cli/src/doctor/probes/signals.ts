import { randomUUID } from 'node:crypto';
import type { Probe } from '../probe.ts';

const WAIT_MS = 5000;

/** A span, a metric, a log line and a crash leave over OTLP and arrive at the doctor's own receiver, told by their ids. */
export const signals: Probe = {
  name: 'signals',
  async run({ own, find }) {
    const opened = await own().catch((error: Error) => error);
    if (opened instanceof Error) return { ok: false, error: opened.message };
    const { obs, receiver } = opened;
    const probe = randomUUID();
    const span = obs.trace.start('plimsoll.doctor', { root: true });
    span.end();
    obs.log.info({ probe }, 'doctor_signal');
    const counter = obs.metrics.counter('plimsoll_doctor_probes_total', {
      ...{ help: 'Probes of plimsoll doctor', labels: ['probe'] },
    });
    counter.inc({ probe });
    // Of the probe before: its line is on its way too, and a second dump would take the place of the first.
    const [dump] = obs.crash.list(1);
    const expected = {
      span: `span ${span.spanId}`,
      metric: `metric plimsoll_doctor_probes_total ${probe}`,
      log: `log doctor_signal ${probe}`,
      crash: `log crash ${dump?.event_id}`,
    };
    await obs.read<{ flush(): Promise<boolean> }>('otlp')?.flush();
    await receiver.wait(Object.values(expected), WAIT_MS);
    const arrived = Object.entries(expected).map(([name, id]) => [name, receiver.has(id)] as const);
    for (const [name, came] of arrived) if (!came) find('signal_not_received', name);
    return { ok: arrived.every(([, came]) => came), probe, ...Object.fromEntries(arrived) };
  },
};
