import { PlimsollError } from '../../base/errors.ts';
import { optional } from '../../base/optional.ts';
import type { KitCore } from '../../kernel/kit.ts';
import type { Kit, Part, Teardown } from '../../kernel/part.ts';
import { type Api, Bridge } from './bridge.ts';
import { API_PACKAGE, name } from './gate.ts';
import { Manager } from './manager.ts';
import { MeterProvider } from './metrics/provider.ts';
import { Propagator } from './propagator.ts';
import { TracerProvider } from './tracer.ts';

/** Registers inside `init`: a service starts without it rather than not at all, and says so in `/health/startup`. */
export const otelApi: Part = {
  name,
  async setup(kit) {
    try {
      return await register(kit);
    } catch (err) {
      kit.health.finding({ field: 'otel.register', code: 'otel_api_unavailable' });
      kit.log.named('plimsoll').error({ field: 'otel.register', err }, 'otel_api_unavailable');
      return undefined;
    }
  },
};

/** The same for `obs.otel.register()`, whose caller is told what is wrong. */
export const otelApiOnRequest: Part = { name, setup: register };

async function register(kit: Kit): Promise<Teardown> {
  const api = await optional<Api>(API_PACKAGE);
  if (api === undefined) throw new PlimsollError('PLIMSOLL_OTEL_API', `${API_PACKAGE} is not installed`);
  const bridge = new Bridge(api, kit as KitCore);
  const manager = new Manager(bridge);
  const tracers = new TracerProvider(bridge);
  const meters = kit.config.get('metrics.enabled') ? new MeterProvider(bridge) : undefined;
  const undo: (() => void)[] = [];
  const step = (what: string, done: boolean, disable: () => void): void => {
    if (done) undo.push(disable);
    else {
      for (const one of undo.reverse()) one();
      throw new PlimsollError('PLIMSOLL_OTEL_API', `another ${what} is registered`);
    }
  };
  step('context manager', api.context.setGlobalContextManager(manager), () => api.context.disable());
  step('propagator', api.propagation.setGlobalPropagator(new Propagator(bridge)), () =>
    api.propagation.disable(),
  );
  step('tracer provider', api.trace.setGlobalTracerProvider(tracers), () => api.trace.disable());
  if (meters) {
    step('meter provider', api.metrics.setGlobalMeterProvider(meters), () => api.metrics.disable());
    undo.push(meters.start());
  }
  undo.push(kit.expose(name, () => tracers.names) as () => void);
  return () => {
    for (const one of undo.reverse()) one();
  };
}
