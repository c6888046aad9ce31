import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Attributes, Resource } from '@plimsoll/wire';
import type { Config } from '../../config/load.ts';

/** The package's version, which a test compares. */
export const VERSION = '0.1.0';

/** Who speaks, by OpenTelemetry's resource conventions. What the service says of itself beats what we find out. */
export function resourceOf(config: Config): Resource {
  const env = config.get('env');
  const commit = config.get('commit');
  const namespace = config.get('namespace');
  const attributes: Attributes = {
    'host.name': hostname(),
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'service.instance.id': randomUUID(),
    ...(namespace && { 'service.namespace': namespace }),
    ...(commit && commit !== 'unknown' && { 'vcs.ref.head.revision': commit }),
    ...config.get('resource'),
    'service.name': config.get('service'),
    'service.version': config.get('version') || commit,
    'deployment.environment.name': env,
    // The older name, which the seeds' dashboards know.
    'deployment.environment': env,
    'telemetry.sdk.name': 'plimsoll',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': VERSION,
  };
  return { attributes };
}
