import { track_event, track_metric, track_timing } from 'plimsoll/telemetry';
import { bag, failure, HANDLE, TEXTS } from './corpus.ts';
import type { Marked } from './service.ts';

/** Everything that code of the service can hand over, with a marker in each place. */
export async function fromCode(service: Marked): Promise<void> {
  const { obs } = service;
  for (const [name, [text]] of Object.entries(TEXTS)) {
    signals(service, name, text);
    const held = { ...bag(text), err: failure(text) };
    obs.telemetry.event(`event ${text}`, held, text);
    obs.telemetry.feature(text, text);
    obs.telemetry.registerCrash(`/srv/marker-tenant/${text}`);
    raise(service, name, text);
    crash(service, text);
    await perf(service, name, text);
    track_event(`tracked ${text}`, held);
    track_metric(`gauge ${text}`, 1, held);
    track_timing(`timed ${text}`, 5, held);
    await obs
      .job(`job_${name}`, () => Promise.reject(failure(text)))()
      .catch(() => {});
    await fetch(`${service.url}/items/7?q=${encodeURIComponent(text)}`, {
      headers: { authorization: text },
    }).then(answer => answer.text());
  }
  await fetch('http://marker:hunter2marker@127.0.0.1:1/x').catch(() => {});
}

function signals({ obs }: Marked, name: string, text: string): void {
  const held = bag(text);
  obs.log.warn({ ...held, err: failure(text) }, `about ${text}`);
  obs.log.named(`logger ${text}`, held).error(failure(text));
  obs.log.info(failure(text), text);
  obs.log.bind?.({ note: text });
  obs.trace.span(`work ${text}`, { attributes: held as never }, span => {
    span.setAttribute(`key ${text}`, text).addEvent(`event ${text}`, held as never);
    span.recordException(failure(text));
    span.setStatus('error', text).updateName(`renamed ${text}`);
    obs.log.info({ n: 1 }, 'within');
  });
  const labels = ['kind', 'user_id', 'email', 'path'] as const;
  const counter = obs.metrics.counter(`marked_${name}_total`, { help: 'Marked', labels });
  counter.inc({ kind: text, user_id: 481306977, email: 'marker-mail', path: '/srv/marker-tenant/x' });
  obs.metrics
    .histogram(`marked_${name}_seconds`, { help: 'Marked', labels: ['kind'] })
    .observe({ kind: text }, 1);
  obs.health.check(`check_${name}`, () => Promise.reject(failure(text)), { metric: true });
  obs.health.check(`extra_${name}`, () => ({ ok: false, error: text, ...bag(text) }));
}

function raise({ obs }: Marked, name: string, text: string): void {
  const held = bag(text);
  const own = obs.hooks.define({
    name: `on_marked_${name}`,
    description: 'Of the corpus',
    payload: {
      shown: { type: 'any', about: 'What an author marks as free to show', expose: true },
      more: { type: 'map', about: 'The rest' },
    },
  } as never);
  own.emit({ shown: `see ${text}`, more: held, [text]: text });
  obs.hooks.on('on_scene_enter', () => {
    throw failure(text);
  });
  obs.hooks.emit('on_scene_enter', {
    scene_id: text,
    node: text,
    pov: text,
    variables: held,
    history: [held],
  } as never);
  obs.hooks.emit(`on_unknown ${text}`, held);
}

function crash({ obs }: Marked, text: string): void {
  obs.crash.capture(failure(text), {
    context: { ...bag(text), deep: [bag(text)] },
    attach: [text, `/srv/marker-tenant/${text}.log`],
    eventId: text,
  });
  obs.crash.capture(text);
  obs.crash.capture(bag(text));
}

async function perf({ obs }: Marked, name: string, text: string): Promise<void> {
  const id = `${HANDLE} ${name}`;
  obs.budgets.register({ job_id: id, job_type: `type ${text}`, payload: bag(text) } as never);
  obs.budgets.start(id);
  obs.budgets.finish(id, { status: `done ${text}`, reason: `because of ${text}` });
  await obs.budgets.run(`run ${text}`, { key: text }, () => 1);
  await Promise.resolve(obs.budgets.run(`fails ${text}`, {}, () => Promise.reject(failure(text)))).catch(
    () => {},
  );
  obs.budgets.assets.register({
    asset_id: id,
    size_mb: 1,
    metadata: bag(text),
    unload: () => {
      throw failure(text);
    },
  });
  obs.budgets.assets.evict(1);
  obs.profiler.mark(`mark ${text}`, { category: text.slice(0, 60), metadata: bag(text) });
  obs.profiler.recordSpan(`span ${text}`, { duration_ms: 1, metadata: bag(text) });
  try {
    obs.profiler.profile(`fails ${name}`, { metadata: bag(text) }, () => {
      throw failure(text);
    });
  } catch {}
}
