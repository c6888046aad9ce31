/**
 * Every refusal of the ops API, once: the code in `problem+json` bodies, its HTTP status, and what to do.
 * Codes with blanks are literals that clients of the first hosts compare.
 */
export const PROBLEMS = {
  forbidden: { status: 403, hint: 'Send the admin token in X-Admin-Token, or as a bearer token.' },
  admin_token_not_configured: { status: 403, hint: 'Set OBS_ADMIN_TOKEN, or OBS_ADMIN_TOKEN_FILE.' },
  admin_locked: { status: 403, hint: 'Too many wrong admin tokens came from this address; see Retry-After.' },
  'disabled in prod': { status: 403, hint: 'OBS_TRACE_TEST_IN_PROD=true allows it.' },
  'unsupported event': { status: 400, hint: 'Give the name of a hook of the catalogue.' },
  'webhook url required': { status: 400, hint: 'Give `url`, a text.' },
  'webhook url not allowed': {
    status: 400,
    hint: 'Give an http or https URL without a login, on the public internet or in hooks.allowPrivate.',
  },
  'webhook secret invalid': {
    status: 400,
    hint: 'A secret is a text of 8 to 256 characters, or whsec_ and the base64 of 24 to 64 bytes.',
  },
  'payload must be an object': { status: 400, hint: 'Give `payload` as a JSON object, or leave it out.' },
  unknown_webhook: { status: 404, hint: 'GET on the same folder lists the webhooks with their ids.' },
  stream_full: { status: 503, hint: 'hooks.maxClients clients are connected already.' },
  upgrade_required: { status: 426, hint: 'This is a WebSocket; connect with ws:// or wss://.' },
  not_found: { status: 404, hint: 'GET /ops/ lists the routes.' },
  unknown_crash: { status: 404, hint: 'GET /api/crashes lists the dumps; old ones are removed.' },
  method_not_allowed: { status: 405, hint: 'The Allow header names the methods.' },
  'provider not found': { status: 404, hint: 'GET the list of providers for their ids.' },
  'template not found': { status: 404, hint: 'GET the list of providers for the templates.' },
  'provider exists': { status: 409, hint: 'Take another id, or register it to change it.' },
  'provider is built in': { status: 409, hint: '`local` is always there, first.' },
  'too many providers': { status: 409, hint: 'Remove some first.' },
  'providers file is damaged': { status: 409, hint: 'Mend or remove the file of the registry.' },
  'secrets need a loopback admin': {
    status: 403,
    hint: 'Ask from this machine, without a proxy, with the admin token.',
  },
  'missing bearer token': {
    status: 401,
    hint: 'Send a token with the scope assets.write as a bearer token.',
  },
  'invalid token': { status: 401, hint: 'OBS_ASSETS_TOKEN holds the tokens that may write assets.' },
  'asset not found': { status: 404, hint: 'It may have been removed; list the assets for their ids.' },
  'asset file missing': { status: 404, hint: 'The row is there and its file is not; rebuild the registry.' },
  'sidecar not found': { status: 404, hint: 'Run the audit without dry-run to write it.' },
  'sidecar is not JSON': { status: 500, hint: 'Run the audit with overwrite to write it anew.' },
  'source not found': { status: 404, hint: 'No such file in the assets folder or one of `assets.sources`.' },
  'unsafe path': {
    status: 400,
    hint: 'A relative path within the assets folder, without `..`; sources lie in `assets.sources`.',
  },
  'invalid metadata': { status: 400, hint: '`metadata`, `provenance` and `sidecar` are JSON objects.' },
  'invalid upload': { status: 400, hint: 'multipart/form-data with one file in the field `file`.' },
  'destination taken': { status: 409, hint: 'Another asset has this dest_path; choose another.' },
  provenance_missing: { status: 403, hint: 'This asset has no provenance record, and downloads need one.' },
  hash_mismatch: { status: 403, hint: 'The file is not the one that was registered; rebuild the registry.' },
  license_blocked: { status: 403, hint: 'Assets under this licence are not given out.' },
  payload_too_large: { status: 413, hint: 'Send at most 65536 bytes.' },
  validation_error: { status: 422, hint: '`errors` names the fields; /openapi.json has the schema.' },
  unknown_flag: {
    status: 422,
    hint: 'GET the same path for the names; a flag of your own starts in the file.',
  },
  config_corrupt: {
    status: 409,
    hint: 'The config file is no JSON object; mend it by hand. It was not touched.',
  },
  config_locked: { status: 503, hint: 'Another process is writing the config file; try again.' },
  config_unwritable: { status: 500, hint: 'Check the rights and the space of the config file.' },
  telemetry_forbidden: {
    status: 403,
    hint: 'A config file says `telemetry.forbid`; only whoever keeps that file can allow it.',
  },
  diagnostics_need_consent: {
    status: 403,
    hint: 'Diagnostics need the flag and opt-in: POST /settings beside this path with telemetry_opt_in and diagnostics_opt_in.',
  },
  telemetry_busy: { status: 503, hint: 'Another process holds the telemetry files; try again.' },
  job_failed: {
    status: 500,
    hint: 'The log line job_failed has the reason; a run has a request id of its own.',
  },
  internal_error: { status: 500, hint: 'The log line ops_route_failed with this request_id has the reason.' },
  'enable_perf flag disabled': {
    status: 403,
    hint: 'Set features.enable_perf, or the legacy flag of this part, in a config file.',
  },
  job_not_found: { status: 404, hint: 'Register the job first; ended jobs are kept for a while only.' },
  asset_not_registered: { status: 404, hint: 'Register the asset first.' },
  profile_running: { status: 409, hint: 'One profile at a time; see Retry-After.' },
  registry_full: { status: 429, hint: 'Finish jobs, or send work to another process.' },
  over_budget: { status: 503, hint: 'The service has as much to do as it can carry; see Retry-After.' },
} as const satisfies Record<string, { status: number; hint: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Every refusal of the console's API, likewise. */
export const CONSOLE_PROBLEMS = {
  unauthorized: { status: 401, hint: 'Sign in with the console token, or send it as a bearer token.' },
  wrong_token: { status: 401, hint: 'The console printed the token when it started.' },
  token_locked: { status: 429, hint: 'Too many wrong tokens came from this address; see Retry-After.' },
  host_not_allowed: { status: 403, hint: 'Open the console by the address that it printed.' },
  foreign_origin: { status: 403, hint: "Only the console's own page may do this from a browser." },
  not_found: { status: 404, hint: 'The API is under /api/console/.' },
  unknown_trace: {
    status: 404,
    hint: 'It may not have arrived yet, or its segment was dropped by age or quota.',
  },
  unknown_metric: { status: 404, hint: 'GET /api/console/metrics lists the names.' },
  unknown_service: { status: 404, hint: 'GET /api/console/services lists the services.' },
  no_ops_address: {
    status: 404,
    hint: 'Configure a target for the service, or let it send the resource attribute plimsoll.ops.url.',
  },
  ops_path_not_allowed: { status: 403, hint: 'The proxy passes on the paths of the ops API only.' },
  ops_unreachable: {
    status: 502,
    hint: 'The service did not answer; is it running, and is its address right?',
  },
  ops_answer_refused: {
    status: 502,
    hint: "The answer was a redirect, was too large, or had the service's token in it.",
  },
  no_ops_there: { status: 409, hint: 'No ops API of this service answers there, or its token is another.' },
  too_many_sockets: { status: 503, hint: 'Close a page that follows a service.' },
  payload_too_large: { status: 413, hint: 'Send at most 64 MiB through the proxy, 4 KiB elsewhere.' },
  validation_error: { status: 422, hint: '`errors` names the fields.' },
  internal_error: { status: 500, hint: 'The console wrote the reason to its standard error.' },
} as const satisfies Record<string, { status: number; hint: string }>;

export type ConsoleProblemCode = keyof typeof CONSOLE_PROBLEMS;
