/**
 * Set on an HTTP agent whose requests are our own housekeeping: they get no client span and carry no trace,
 * since tracing the export of a trace never ends. Also on a server of ours.
 */
export const UNOBSERVED: unique symbol = Symbol.for('plimsoll.unobserved');
