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
  PLIMSOLL_BAD_CONFIG: {
    text: 'The environment or a config file is not valid, and failFast is on',
    hint: 'Run `plimsoll config validate` to see every finding.',
  },
  PLIMSOLL_UNKNOWN_APP: {
    text: 'init does not know this kind of app',
    hint: 'Hand in a Fastify, Express 5 or Hono app or a node:http server, or wrap your listener with obs.handler or obs.fetch.',
  },
  PLIMSOLL_OPS_EXPOSED: {
    text: 'The ops port would listen beyond loopback without an admin token',
    hint: 'Set OBS_ADMIN_TOKEN, or let ops.host be 127.0.0.1.',
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
  PLIMSOLL_LOG_WRITE: {
    text: 'Log lines could not be written',
    hint: 'Check the space, the rights and the folder; `plimsoll_log_lines_lost_total` counts what was lost.',
  },
  PLIMSOLL_OTEL_API: {
    text: "OpenTelemetry's API could not be registered",
    hint: 'Install @opentelemetry/api 1.9 or later, and let one SDK register itself in a process.',
  },
  PLIMSOLL_BAD_TELEMETRY: {
    text: 'A call of plimsoll/telemetry could not be recorded',
    hint: 'Give a name that is a text and not empty, and a finite number; a duration is 0 or more.',
  },
  PLIMSOLL_UNKNOWN_HOOK: {
    text: 'The catalogue has no hook of this name',
    hint: 'Check the spelling, or add it with obs.hooks.define.',
  },
  PLIMSOLL_BAD_HOOK: {
    text: 'A hook is not valid, or one of its name exists',
    hint: 'Names match [a-z][a-z0-9_]{0,63} and are there once; a hook has a description, and a type and an about for each field.',
  },
  PLIMSOLL_BAD_WEBHOOK: {
    text: 'A webhook is not valid',
    hint: 'Give a hook of the catalogue and an http or https URL without a login; hooks.allowPrivate lists what is not on the public internet.',
  },
  PLIMSOLL_WEBHOOK_ADDRESS: {
    text: "A webhook's host resolves to an address that it may not reach",
    hint: 'Add the host, the address or its range to hooks.allowPrivate where it is yours.',
  },
  PLIMSOLL_HOOKS_LOCKED: {
    text: 'Another process uses the webhook queue of this runtime root',
    hint: 'Give each process a runtime root of its own; this one delivers from memory.',
  },
  PLIMSOLL_CONSOLE_EXPOSED: {
    text: 'The console would listen beyond loopback without a token',
    hint: 'Give a token, or let the host be 127.0.0.1.',
  },
  PLIMSOLL_CONSOLE_TARGET: {
    text: 'The address of a service is not an http or https URL without a login',
    hint: 'Write it as http://127.0.0.1:8000; the token stands beside it.',
  },
  PLIMSOLL_STORE_LOCKED: {
    text: 'Another process uses the folder of the console',
    hint: 'Stop the other console, ask its API, or give this one a folder of its own.',
  },
  PLIMSOLL_STORE_SEGMENT: {
    text: 'A segment of the console could not be read and was set aside',
    hint: 'The rest is there. Check the disk; delete the file ending in .broken when you need the space.',
  },
  PLIMSOLL_STORE_NEWER: {
    text: 'A newer version wrote a segment of the console, which this one leaves alone',
    hint: 'Update, or give this version a folder of its own.',
  },
  PLIMSOLL_STORE_WRITE: {
    text: 'The console could not store what it was sent',
    hint: 'Check the space and the rights of its folder; senders were told to try again.',
  },
  PLIMSOLL_STORE_CURSOR: {
    text: 'A cursor is not one that this query gave',
    hint: 'Hand back `next` of the page before, with the same query, or start without a cursor.',
  },
  PLIMSOLL_ASSETS_ROOT: {
    text: 'The assets have no folder',
    hint: 'Set assets.root, or a runtime root.',
  },
  PLIMSOLL_ASSETS_NEWER: {
    text: 'A newer version wrote the database of the assets, which this one leaves alone',
    hint: 'Update, or give this version a database of its own.',
  },
  PLIMSOLL_ASSETS_HOOK: {
    text: 'There is no asset hook of this name',
    hint: 'asset_registered, asset_meta_updated, asset_removed, asset_sidecar_written.',
  },
  PLIMSOLL_PORT_TAKEN: {
    text: 'A port was taken, so a free one is used',
    hint: 'Stop what holds it, set another port, or point senders at the address that is shown.',
  },
  PLIMSOLL_GOLDEN_DIFFERS: {
    text: 'A value is not what its golden says',
    hint: 'Mend what changed it; where the change is meant, run `plimsoll golden update`, or this test with PLIMSOLL_GOLDEN=update, and say it in the changelog.',
  },
  PLIMSOLL_GOLDEN_MISSING: {
    text: 'There is no golden of this name',
    hint: 'Run `plimsoll golden update`, or this test with PLIMSOLL_GOLDEN=update; look at what it wrote, and commit it.',
  },
  PLIMSOLL_GOLDEN_FILE: {
    text: 'A golden file could not be read',
    hint: 'It is a JSON object of name and value. Restore it, or delete it and update.',
  },
  PLIMSOLL_BUDGET_FULL: {
    text: 'No more jobs are taken',
    hint: 'Run less at once, or send work to another process; `plimsoll_budget_jobs` shows what waits.',
  },
  PLIMSOLL_BUDGET_OVER: {
    text: 'A job that must not wait would have to',
    hint: 'Leave `wait` out to let it queue, or try again after `retryAfterMs`.',
  },
  PLIMSOLL_BUDGET_DEADLINE: {
    text: 'A job could not start before its deadline',
    hint: 'Give it more time or a higher priority, or raise the limits.',
  },
  PLIMSOLL_BUDGET_CANCELED: {
    text: 'A job was canceled before it started',
    hint: 'Its signal was aborted; `cause` is the reason.',
  },
  PLIMSOLL_BUDGET_INPUT: {
    text: 'A call of obs.budgets has a value that it cannot take',
    hint: 'The field is named; docs/guides/budgets.md has the ranges.',
  },
  PLIMSOLL_PROFILE_RUNNING: {
    text: 'A profile is being taken',
    hint: 'Wait for it: one at a time.',
  },
} as const satisfies Record<string, { text: string; hint: string }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * What the start-up validation can find: the codes in `/health/startup`, in the log and in
 * `plimsoll config validate`. A finding names a variable or option and never shows a secret.
 */
export const FINDINGS = {
  invalid_boolean: 'Not one of true, false, 1, 0, yes, no',
  invalid_number: 'Not a number, or not a whole one',
  below_minimum: 'Below the smallest value allowed',
  above_maximum: 'Above the largest value allowed',
  invalid_value: 'Not one of the words allowed',
  invalid_url: 'Not a URL with a scheme that is known here and a host',
  invalid_key: 'Not base64 of 32 bytes',
  invalid_map: 'Not a list of name=value',
  invalid_type: 'A value of the wrong JSON type',
  unknown_option: 'No option of this name',
  unknown_variable: 'A variable that looks like a misspelt one of ours (warning)',
  duplicate_variable: 'A file sets the same variable twice (warning)',
  not_in_file: 'An option that only code and the environment may set',
  unreadable_file: 'The file that a variable points to cannot be read',
  config_file_missing: 'A config file that was asked for does not exist (warning)',
  config_file_corrupt: 'A config file is not a JSON object; defaults are used',
  flag_not_boolean: 'A feature flag that is not a JSON boolean is ignored (warning)',
  missing_otlp_endpoint: 'Tracing is on outside development, with nowhere to send',
  otlp_grpc_unavailable: 'OTLP over gRPC needs @grpc/grpc-js; install it, or use http/protobuf and port 4318',
  otel_api_unavailable:
    'otel.register is on, and @opentelemetry/api is not installed or another SDK is registered with it',
  short_secret: 'Shorter than 32 bytes',
  admin_token_missing: 'No admin token outside development: guarded routes answer 403 (warning)',
  metrics_public_ignored: '/metrics without a token is honoured in development only (warning)',
} as const;

export type FindingCode = keyof typeof FINDINGS;
