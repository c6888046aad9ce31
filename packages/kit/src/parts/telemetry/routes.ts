import * as wire from '@plimsoll/wire/ops';
import type { Kit, Route } from '../../kernel/part.ts';
import { Answers } from './routes/answers.ts';

type Rest = Omit<Route, 'method' | 'path' | 'access' | 'summary'>;
type Local = (line: `${'GET' | 'POST'} ${string}`, summary: string, rest: Rest) => Route;

/** Consent and what is counted; every route answers while telemetry is off, and says so. */
export function telemetryRoutes(kit: Kit): readonly Route[] {
  const at = new Answers(kit);
  const prefix = kit.config.get('telemetry.prefix');
  const local: Local = (line, summary, rest) => {
    const [method = '', path] = line.split(' ');
    return { method, path: `${prefix}/${path}`, access: 'local', summary, ...rest };
  };
  return [...consentRoutes(local, at), ...countRoutes(local, at), ...leavingRoutes(local, at)];
}

function consentRoutes(local: Local, at: Answers): readonly Route[] {
  return [
    local('GET health', 'What is allowed now', { answer: wire.telemetryHealthAnswer, handle: at.health }),
    local('GET settings', 'The stored consent', {
      ...{ answer: wire.telemetrySettingsAnswer, handle: at.settings },
    }),
    local('POST settings', 'Change consent; what is absent stays', {
      ...{ body: wire.telemetryConsentRequest, answer: wire.telemetrySettingsAnswer },
      handle: ({ body }) => at.change(body as wire.TelemetryConsentRequest),
    }),
    local('POST opt_in', 'Consent to telemetry; what is absent stays', {
      ...{ body: wire.telemetryOptInRequest, answer: wire.telemetrySettingsAnswer },
      handle: ({ body }) => at.optIn(body as wire.TelemetryOptInRequest),
    }),
    local('POST forget', 'Delete all that is counted, and be another installation from now on', {
      ...{ answer: wire.telemetryForgetAnswer, handle: at.forget },
    }),
  ];
}

function countRoutes(local: Local, at: Answers): readonly Route[] {
  return [
    local('GET summary', 'What is counted', { answer: wire.telemetrySummaryAnswer, handle: at.summary }),
    local('POST features', 'Count a use of a feature', {
      ...{ body: wire.telemetryFeatureRequest, answer: wire.telemetryRecordedAnswer },
      handle: ({ body }) => at.feature(body as wire.TelemetryFeatureRequest),
    }),
    local('POST events', 'Keep an event', {
      ...{ body: wire.telemetryEventRequest, answer: wire.telemetryRecordedAnswer },
      handle: ({ body }) => at.event(body as wire.TelemetryEventRequest),
    }),
    local('GET events', 'The last events, oldest first', {
      ...{ query: wire.telemetryEventsQuery, answer: wire.telemetryEventsAnswer },
      handle: ({ search }) => at.events((search as { limit: number }).limit),
    }),
    local('GET hooks', 'Counts and samples of hooks', {
      answer: wire.telemetryHooksAnswer,
      handle: at.hooks,
    }),
    local('GET crashes', 'Digests of crash dumps', {
      answer: wire.telemetryCrashesAnswer,
      handle: at.crashes,
    }),
  ];
}

function leavingRoutes(local: Local, at: Answers): readonly Route[] {
  return [
    local('GET diagnostics', 'A zip of what is counted', {
      ...{ answer: wire.telemetryDiagnosticsAnswer, media: 'application/zip', handle: at.diagnostics },
    }),
    local('GET preview', 'The exact bytes that would leave', {
      ...{ query: wire.telemetryPreviewQuery, answer: wire.telemetryPreviewAnswer },
      handle: ({ search }) => at.preview((search as { format: string }).format),
    }),
    local('GET ledger', 'All that ever left, and when; newest first', {
      ...{ query: wire.telemetryLedgerQuery, answer: wire.telemetryLedgerAnswer },
      handle: ({ search }) => at.ledger((search as { limit: number }).limit),
    }),
  ];
}
