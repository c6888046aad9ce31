export const name = 'otel-api';

/** The optional peer: `>=1.9 <2`. */
export const API_PACKAGE = '@opentelemetry/api';

/** OpenTelemetry's API over this kit. */
export interface OtelApi {
  /**
   * Makes this kit the process's global tracer, context manager, propagator and meter of `@opentelemetry/api`, so
   * that what is written for OpenTelemetry feeds it, until the kit closes. Safe twice. The option `otel.register`
   * does the same inside `init`. Rejects with PLIMSOLL_OTEL_API where the package is missing or another SDK is
   * registered; resolves to false where observability is off.
   */
  register(): Promise<boolean>;
}
