import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Attributes, Resource } from '@plimsoll/wire';
import type { Config } from '../../config/load.ts';
import type { Kit } from '../../kernel/part.ts';

/** The package's version, which a test compares. */
export const VERSION = '0.1.0';

/** Where the ops API is: a console on this machine asks there. */
const OPS_URL = 'plimsoll.ops.url';

/** The resource, with the address of the ops API once the process listens and somebody learns it. */
export function lateResource(kit: Kit): () => Resource {
  let resource = resourceOf(kit.config);
  if (OPS_URL in resource.attributes) return () => resource;
  return () => {
    const url = kit.read<string>('ops-url');
    if (url !== undefined && resource.attributes[OPS_URL] !== url) {
      resource = { attributes: { ...resource.attributes, [OPS_URL]: url } };
    }
    return resource;
  };
}

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
