/**
 * Every error code of ours, once: the text is for people, the hint says what to do.
 * `docs/reference/errors.md` is generated from this table.
 */
export const ERRORS = {
  PLIMSOLL_OFF: {
    text: 'This part is off',
    hint: 'Turn it on in the config, or check `enabled` before you call it.',
  },
  PLIMSOLL_LATE: {
    text: 'init came after routes were registered, or after the app was ready',
    hint: 'Call `await init(app)` before you register the first route.',
  },
  PLIMSOLL_CLOSED: { text: 'This kit is closed', hint: 'Create a new one with init or createKit.' },
  PLIMSOLL_BAD_OPTION: {
    text: 'An option in code is not valid',
    hint: 'Run `plimsoll config print` to see every option.',
  },
  PLIMSOLL_UNKNOWN_OPTION: {
    text: 'An option does not exist',
    hint: 'Check the spelling; the nearest name is given.',
  },
  PLIMSOLL_UNKNOWN_APP: {
    text: 'init does not know this kind of app',
    hint: 'Hand in a Fastify instance or a node:http server, or wrap your listener with obs.handler.',
  },
  PLIMSOLL_DUPLICATE_METRIC: {
    text: 'A metric of this name exists with another type, help or labels',
    hint: 'Declare each metric once, and share the handle.',
  },
  PLIMSOLL_BAD_METRIC: {
    text: 'A metric name, label name or bucket list is not valid',
    hint: 'Names match [a-zA-Z_:][a-zA-Z0-9_:]*, labels [a-zA-Z_][a-zA-Z0-9_]*; buckets rise and are finite.',
  },
  PLIMSOLL_DUPLICATE_CHECK: {
    text: 'A health check of this name exists',
    hint: 'Give each check a name of its own.',
  },
  PLIMSOLL_DUPLICATE_PART: { text: 'A part of this name is in use', hint: 'Use each part once.' },
  PLIMSOLL_DUPLICATE_ROUTE: {
    text: 'Two ops routes have the same path',
    hint: 'Give each route group its own paths.',
  },
  PLIMSOLL_DUPLICATE_JOB: { text: 'A job of this name exists', hint: 'Give each job a name of its own.' },
  PLIMSOLL_BAD_OTLP: {
    text: 'An OTLP message could not be read',
    hint: 'Check that the sender speaks OTLP 1.x and that nothing on the way cuts or changes the body.',
  },
} as const satisfies Record<string, { text: string; hint: string }>;

export type ErrorCode = keyof typeof ERRORS;
