import type { OptionRow } from './row.ts';

/** Consented telemetry, which flag and consent turn on. */
export const TELEMETRY = [
  {
    key: 'telemetry.prefix',
    env: ['OBS_TELEMETRY_PREFIX'],
    type: 'string',
    default: '/api/telemetry',
    doc: 'Where the routes of consented telemetry are',
  },
  {
    key: 'telemetry.endpoint',
    env: ['OBS_TELEMETRY_ENDPOINT'],
    type: 'url',
    default: undefined,
    doc: 'Where consented batches go, as OTLP logs over HTTP; unset, nothing leaves',
  },
  {
    key: 'telemetry.headers',
    env: ['OBS_TELEMETRY_HEADERS'],
    type: 'map',
    default: {},
    secret: true,
    doc: 'Headers of those requests, name=value, comma separated',
  },
  {
    key: 'telemetry.sendMs',
    env: ['OBS_TELEMETRY_SEND_MS'],
    type: 'integer',
    default: 60_000,
    min: 50,
    max: 86_400_000,
    doc: 'Milliseconds between two looks at what waits to be sent',
  },
  {
    key: 'telemetry.hashing',
    env: ['OBS_TELEMETRY_HASHING'],
    type: 'enum',
    values: ['stable', 'compatible'],
    default: 'stable',
    doc: "How values are hashed: one digest for every spelling of a name, or as the seed's hosts did, with the whole dotted name and credentials too",
  },
  {
    key: 'telemetry.bundleName',
    env: ['OBS_TELEMETRY_BUNDLE_NAME'],
    type: 'string',
    default: 'plimsoll-diagnostics',
    doc: 'What the file name of a diagnostics bundle begins with',
  },
  {
    key: 'telemetry.doNotTrack',
    env: ['DO_NOT_TRACK'],
    type: 'string',
    default: '',
    doc: 'Anything but 0 and false lowers consent to nothing, whatever is stored; code cannot take the variable back',
  },
  {
    key: 'telemetry.ci',
    env: ['CI'],
    type: 'string',
    default: '',
    doc: 'Anything but 0 and false lowers consent likewise: nobody consents for a machine that runs tests',
  },
] as const satisfies readonly OptionRow[];
