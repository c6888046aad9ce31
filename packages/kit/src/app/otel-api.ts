import type { Kit } from '../kernel/part.ts';
import { name, type OtelApi } from '../parts/otel-api/gate.ts';

/** `obs.otel`: the part is loaded when it is asked for, unless the option has used it already. */
export function otelOf(kit: Kit): OtelApi {
  let registered: Promise<boolean> | undefined;
  const use = async (): Promise<boolean> => {
    if (kit.read(name) !== undefined) return true;
    const { otelApiOnRequest } = await import('../parts/otel-api/part.ts');
    await kit.use(otelApiOnRequest);
    return true;
  };
  return {
    register() {
      // What failed may be tried again, after the other SDK has gone.
      registered ??= use().catch(error => {
        registered = undefined;
        throw error;
      });
      return registered;
    },
  };
}
