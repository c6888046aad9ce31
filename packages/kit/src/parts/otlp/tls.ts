import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../../config/load.ts';
import type { OtlpSignal } from './gate.ts';

/** PEM texts for the connection to a collector; what is not set is the platform's. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly key?: Buffer;
  readonly cert?: Buffer;
}

/** Read once. A file that can't be read is a finding of the config, and here as good as not set. */
export function tlsFiles(config: Config, signal: OtlpSignal): TlsFiles {
  const ca = read(config, config.get(`otlp.${signal}Certificate`) ?? config.get('otlp.certificate'));
  const key = read(config, config.get(`otlp.${signal}ClientKey`) ?? config.get('otlp.clientKey'));
  const cert = read(
    config,
    config.get(`otlp.${signal}ClientCertificate`) ?? config.get('otlp.clientCertificate'),
  );
  // One without the other is of no use, and gRPC's credentials throw for it.
  return { ...(ca && { ca }), ...(key && cert && { key, cert }) };
}

function read(config: Config, path: string | undefined): Buffer | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(resolve(config.base, path));
  } catch {
    return undefined;
  }
}
