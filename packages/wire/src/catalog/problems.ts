/**
 * Every refusal of the ops API, once: the code in `problem+json` bodies, its HTTP status, and what to do.
 * Codes with blanks are literals that clients of the first hosts compare.
 */
export const PROBLEMS = {
  forbidden: { status: 403, hint: 'Send the admin token in X-Admin-Token, or as a bearer token.' },
  admin_token_not_configured: { status: 403, hint: 'Set OBS_ADMIN_TOKEN, or OBS_ADMIN_TOKEN_FILE.' },
  admin_locked: { status: 403, hint: 'Too many wrong admin tokens came from this address; see Retry-After.' },
  'disabled in prod': { status: 403, hint: 'OBS_TRACE_TEST_IN_PROD=true allows it.' },
  not_found: { status: 404, hint: 'GET /ops/ lists the routes.' },
  method_not_allowed: { status: 405, hint: 'The Allow header names the methods.' },
  payload_too_large: { status: 413, hint: 'Send at most 65536 bytes.' },
  validation_error: { status: 422, hint: '`errors` names the fields; /openapi.json has the schema.' },
  job_failed: {
    status: 500,
    hint: 'The log line job_failed has the reason; a run has a request id of its own.',
  },
  internal_error: { status: 500, hint: 'The log line ops_route_failed with this request_id has the reason.' },
} as const satisfies Record<string, { status: number; hint: string }>;

export type ProblemCode = keyof typeof PROBLEMS;
