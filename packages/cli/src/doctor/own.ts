import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { init, type Obs } from 'plimsoll';
import { openReceiver, type Receiver } from './receiver.ts';

/** The doctor's own service, which nothing of the environment or of a file changes, and what it sends to. */
export interface Own {
  readonly obs: Obs;
  readonly receiver: Receiver;
  close(): Promise<void>;
}

/**
 * `root` holds the dump, which stays until the next run; by default a folder of this user below the temporary one.
 * The log goes elsewhere and is gone afterwards.
 */
export async function openOwn(root: string | undefined): Promise<Own> {
  const logs = mkdtempSync(join(tmpdir(), 'plimsoll-doctor-log-'));
  const receiver = await openReceiver();
  const drop = async (): Promise<void> => {
    await receiver.close();
    rmSync(logs, { recursive: true, force: true });
  };
  try {
    const obs = await init(options(root === undefined ? privateFolder() : resolve(root), logs, receiver.url));
    return {
      ...{ obs, receiver },
      async close() {
        await obs.close();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

function options(runtimeRoot: string, logs: string, url: string): NonNullable<Parameters<typeof init>[0]> {
  const signals = ['traces', 'logs', 'metrics'] as const;
  return {
    ...{
      enabled: true,
      service: 'plimsoll-doctor',
      namespace: '',
      env: 'production',
      runtimeRoot,
      configFiles: [],
    },
    failFast: false,
    log: { dir: logs, stdout: false, level: 'info', samplingRateInfo: 1, format: 'service' },
    trace: { enabled: true, ratio: 1, clients: false },
    metrics: { enabled: true, runtime: false },
    otlp: {
      ...{ disabled: false, endpoint: url, protocol: 'http/protobuf', headers: {}, compression: 'none' },
      ...Object.fromEntries(
        signals.flatMap(signal => [
          [`${signal}Endpoint`, `${url}/v1/${signal}`],
          [`${signal}Protocol`, 'http/protobuf'],
          [`${signal}Exporter`, 'otlp'],
          [`${signal}Compression`, 'none'],
        ]),
      ),
    },
    crash: { enabled: true, announce: 'never', watchEnds: false, report: false },
    ...{ ops: { enabled: false, port: undefined }, drain: { enabled: false }, otel: { register: false } },
    telemetry: { enabled: false },
  };
}

/** The same for every run, so that the dump of the one before is replaced; never a folder that somebody else made. */
function privateFolder(): string {
  const user = process.getuid?.() ?? 'user';
  const path = join(tmpdir(), `plimsoll-doctor-${user}`);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const stat = lstatSync(path);
  const mine =
    stat.isDirectory() && (process.getuid === undefined || (stat.uid === user && (stat.mode & 0o077) === 0));
  return mine ? path : mkdtempSync(`${path}-`);
}
