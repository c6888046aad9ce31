export type DoctorSeverity = 'error' | 'warning' | 'info';

/**
 * What `plimsoll doctor` and `plimsoll check` can find, once: the codes in `findings`. An error fails the run, the
 * others do not.
 */
export const DOCTOR_FINDINGS = {
  base_unreachable: {
    severity: 'error',
    text: 'Nothing answers at the base URL',
    hint: 'Start the service, or name its address with --base.',
  },
  health_status: {
    severity: 'error',
    text: 'GET /health does not answer 200',
    hint: 'Is it the right port? /health always answers 200 where Plimsoll serves it.',
  },
  own_kit_failed: {
    severity: 'error',
    text: 'Plimsoll did not start in the doctor itself',
    hint: 'Is the runtime root a folder that can be written?',
  },
  crash_not_written: {
    severity: 'error',
    text: 'A simulated crash left no dump',
    hint: 'Check the rights and the space of logs/crash under the runtime root.',
  },
  crash_differs: {
    severity: 'error',
    text: 'The dump of a simulated crash does not say what was thrown',
    hint: 'Report this, with the file.',
  },
  webhook_not_delivered: {
    severity: 'error',
    text: 'A webhook did not come to the receiver of the doctor',
    hint: 'Can this machine connect to itself at 127.0.0.1?',
  },
  webhook_not_signed: {
    severity: 'error',
    text: 'A webhook came without the signatures that its secret makes',
    hint: 'Report this.',
  },
  line_not_written: {
    severity: 'error',
    text: 'A log line did not reach its file',
    hint: 'Check the space of the temporary folder.',
  },
  line_not_redacted: {
    severity: 'error',
    text: 'A log line shows a secret',
    hint: 'Report this: redaction must not depend on the machine.',
  },
  signal_not_received: {
    severity: 'error',
    text: 'A signal that was sent over OTLP did not arrive',
    hint: 'Does something stand between programs of this machine on loopback?',
  },
  config_invalid: {
    severity: 'error',
    text: 'The configuration of the service in this folder is not valid',
    hint: '`plimsoll config validate` shows all of it.',
  },
  config_warning: {
    severity: 'warning',
    text: 'The configuration of the service in this folder has a warning',
    hint: '`plimsoll config validate` shows all of it.',
  },
  metrics_refused: {
    severity: 'info',
    text: '/metrics needs the admin token',
    hint: 'Set OBS_ADMIN_TOKEN for the doctor too, or hand it in with --token.',
  },
  metrics_missing: {
    severity: 'info',
    text: 'There is no /metrics at the base URL',
    hint: 'It may be on the port of its own, OBS_OPS_PORT.',
  },
  metrics_malformed: {
    severity: 'error',
    text: '/metrics is not Prometheus text',
    hint: 'Does something else serve that path?',
  },
  export_backlog: {
    severity: 'warning',
    text: 'Signals wait for an OTLP collector, or were lost on the way there',
    hint: 'See plimsoll_otlp_failed_exports_total for the reason.',
  },
  lines_lost: {
    severity: 'warning',
    text: 'The service lost log lines',
    hint: 'See plimsoll_log_lines_lost_total for the sink and the reason.',
  },
  trace_test_refused: {
    severity: 'info',
    text: 'The trace test is not allowed there',
    hint: 'OBS_TRACE_TEST_IN_PROD=true allows it outside development.',
  },
  trace_not_exported: {
    severity: 'warning',
    text: 'The service made a test span, and no collector took it',
    hint: 'Set OTEL_EXPORTER_OTLP_ENDPOINT, and see that a collector listens there.',
  },
  trace_test_failed: {
    severity: 'error',
    text: 'The trace test did not answer as it should',
    hint: 'Is the admin token right?',
  },
  slow_answer: {
    severity: 'warning',
    text: '/health took more than a second',
    hint: 'It only reads results that are there already, so the process or the way to it is busy.',
  },
  clock_skew: {
    severity: 'warning',
    text: "The service's clock is more than five seconds from ours",
    hint: 'Let both machines follow a time server; traces of several machines need it.',
  },
  probe_failed: {
    severity: 'error',
    text: 'A probe of the doctor broke',
    hint: 'Report this, with `error`.',
  },
  base_missed: {
    severity: 'warning',
    text: 'A candidate for the base URL does not answer',
    hint: 'Name the right one with --base.',
  },
  unknown_profile: {
    severity: 'error',
    text: 'There is no profile of that name',
    hint: 'Mend the name, or name the file that has it with --conf.',
  },
  bad_profile: {
    severity: 'error',
    text: 'A file of profiles cannot be read, or a profile in it is not one',
    hint: 'A profile is {flags: [{key}], routes: [{path}], files: [{path}]}.',
  },
  bad_base: {
    severity: 'error',
    text: 'The base is not an http or https URL without a login',
    hint: 'Write it as http://127.0.0.1:8000.',
  },
  no_base: {
    severity: 'error',
    text: 'No candidate for the base URL answers',
    hint: 'Start the service, or name it with --base.',
  },
  flags_file_missing: {
    severity: 'warning',
    text: 'The flags file does not exist or is not a JSON object; defaults count',
    hint: 'Name it with --flags-file.',
  },
  flag_differs: {
    severity: 'error',
    text: 'A flag is not as the profile expects',
    hint: 'Change the flag, or take the profile for the other case.',
  },
  flag_missing: {
    severity: 'error',
    text: 'A flag is not in the file, and Plimsoll knows no default for it',
    hint: 'Add it to `features`, or mend its name in the profile.',
  },
  flag_not_boolean: {
    severity: 'error',
    text: 'A flag is not a JSON boolean, and so is not read',
    hint: 'Write true or false, without quotes.',
  },
  route_missing: {
    severity: 'error',
    text: 'A route is not there',
    hint: 'Is its part on? GET /ops/ lists what there is.',
  },
  route_undecided: {
    severity: 'error',
    text: 'A route that writes answers as a path does that is not there',
    hint: '"send": true in its row lets the check send it an empty request, which may act.',
  },
  route_failed: {
    severity: 'error',
    text: 'A route answers with a server error, or not at all',
    hint: 'The log of the service has the reason.',
  },
  file_missing: {
    severity: 'error',
    text: 'A file is not there, seen from the working directory',
    hint: 'Run the check in the folder of the project.',
  },
} as const satisfies Record<string, { severity: DoctorSeverity; text: string; hint: string }>;

export type DoctorCode = keyof typeof DOCTOR_FINDINGS;

export interface DoctorFinding {
  readonly code: DoctorCode;
  readonly severity: DoctorSeverity;
  /** The probe, flag, route or file that it is about. */
  readonly subject: string;
  readonly detail?: string;
  readonly hint: string;
}
