import { DEFAULT_CONFIG_FILE } from '../files.ts';
import type { OptionRow } from './row.ts';

export const CORE = [
  {
    key: 'enabled',
    env: ['OBS_ENABLED'],
    type: 'boolean',
    default: true,
    doc: 'The switch for everything; false beats all but code, and then nothing is loaded',
  },
  {
    key: 'service',
    env: ['OTEL_SERVICE_NAME', 'SERVICE_NAME'],
    type: 'string',
    default: 'unknown_service',
    doc: "Name of the service; else the resource's service.name",
  },
  {
    key: 'namespace',
    env: ['OBS_NAMESPACE'],
    type: 'string',
    default: '',
    doc: 'Put before metric names, as in divan_http_requests_total; none by default',
  },
  {
    key: 'env',
    env: ['OBS_ENV', 'ENV', 'APP_ENV', 'ENVIRONMENT'],
    type: 'string',
    default: 'production',
    doc: "Environment; else the resource's deployment.environment.name, else NODE_ENV. Only dev, development, local and test are development",
  },
  {
    key: 'commit',
    env: ['GIT_COMMIT', 'COMMIT_SHA', 'SOURCE_VERSION'],
    type: 'string',
    default: 'unknown',
    doc: 'Commit that the service was built from',
  },
  {
    key: 'version',
    env: ['SERVICE_VERSION'],
    type: 'string',
    default: '',
    doc: "Version of the service; else the resource's service.version, else the commit",
  },
  {
    key: 'resource',
    env: ['OTEL_RESOURCE_ATTRIBUTES'],
    type: 'map',
    default: {},
    doc: 'Resource attributes, name=value, comma separated; code, environment and files are merged',
  },
  {
    key: 'runtimeRoot',
    env: ['PLIMSOLL_RUNTIME_ROOT'],
    type: 'string',
    default: undefined,
    doc: 'Folder for what is written (logs, dumps) and for config files; unset, nothing is written. Never from a file',
  },
  {
    key: 'configFiles',
    env: ['OBS_CONFIG_FILES'],
    type: 'list',
    default: [DEFAULT_CONFIG_FILE],
    doc: 'Config files, merged, the last wins; relative to the runtime root, else to the folder of package.json. Never from a file',
  },
  {
    key: 'failFast',
    env: ['OBS_FAIL_FAST'],
    type: 'boolean',
    default: false,
    doc: 'Throw on a bad variable or file, in place of 503 from /health/startup',
  },
] as const satisfies readonly OptionRow[];
