// An instrumentation of a package that exists as ES module for those who import it.
import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  registerInstrumentations,
} from '@opentelemetry/instrumentation';

class HonoInstrumentation extends InstrumentationBase {
  constructor() {
    super('hono-instrumentation', '1.0.0', {});
  }

  init() {
    return new InstrumentationNodeModuleDefinition('hono', ['>=4'], exports => {
      exports.Hono = class Instrumented extends exports.Hono {};
      return exports;
    });
  }
}

registerInstrumentations({ instrumentations: [new HonoInstrumentation()] });
