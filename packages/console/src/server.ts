import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPrivacy } from '@plimsoll/privacy';
import { createApi } from './api/app.ts';
import { type Listening, listen } from './api/listen.ts';
import { isLoopbackName } from './api/origin.ts';
import { ConsoleError } from './api/problem.ts';
import type { Target } from './api/targets.ts';
import { createReceiver, type Receiver } from './receiver/receiver.ts';
import { openDuckdbStore } from './store/duckdb/store.ts';
import type { Store } from './store/types.ts';

export type { Target } from './api/targets.ts';

export interface ConsoleOptions {
  /** Folder of its own for what it keeps; it is made where there is none. */
  readonly dir: string;
  /** Of the page and its API; default 4600. 0 takes a free one, and one that is taken falls back to a free one. */
  readonly port?: number;
  /** Default 4318. */
  readonly otlpHttpPort?: number;
  /** Default 4317. */
  readonly otlpGrpcPort?: number;
  /** Default 127.0.0.1. Beyond loopback a token is required. */
  readonly host?: string;
  /** Where OTLP is taken; default 127.0.0.1. It has no access control: who reaches it can write. */
  readonly otlpHost?: string;
  /** Where it is set, the page asks for it. */
  readonly token?: string;
  /** Further names by which the page is opened. */
  readonly hosts?: readonly string[];
  /** Service name → where its ops API is, and the admin token that the console sends there. */
  readonly targets?: Readonly<Record<string, Target>>;
  /** Origins whose pages may send OTLP; default none. */
  readonly corsOrigins?: readonly string[];
  /** What the store may take on disk; default 4 GiB. */
  readonly maxBytes?: number;
  /** How long the store keeps rows; default a week. */
  readonly maxAgeMs?: number;
  /** Milliseconds between two looks at the services' health while a page is open; default 5,000. */
  readonly healthIntervalMs?: number;
}

export interface Console {
  /** Of the page. */
  readonly url: string;
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT` with `http/protobuf` or `http/json`. */
  readonly otlpHttp: string;
  /** The same with `grpc`. */
  readonly otlpGrpc: string;
  /**
   * For `OBS_OPS_ANNOUNCE` of an app that is started beside the console: who has it can say where the ops API of a
   * service is, and hand over its token. It is good for this run alone.
   */
  readonly announceUrl: string;
  /** Stops taking, stores what was taken, and lets the folder go. Safe twice. */
  close(): Promise<void>;
}

/**
 * Starts the store, the OTLP receiver, the API and the page. Throws `PLIMSOLL_CONSOLE_EXPOSED` where the page would
 * be open beyond loopback without a token, `PLIMSOLL_CONSOLE_TARGET` for a bad target and `PLIMSOLL_STORE_LOCKED`
 * where another console has the folder.
 */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { dir, host = '127.0.0.1', token, otlpHost: otlp = '127.0.0.1' } = options;
  if (!isLoopbackName(host) && !token) throw new ConsoleError('PLIMSOLL_CONSOLE_EXPOSED', host);
  await mkdir(dir, { recursive: true });
  const key = await hashKey(dir);
  const announceKey = randomBytes(32).toString('base64url');
  const { maxBytes, maxAgeMs } = options;
  const store = await openDuckdbStore({
    dir: join(dir, 'store'),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
  });
  const opened: { receiver?: Receiver; page?: Listening } = {};
  const close = async () => {
    await opened.page?.close();
    await opened.receiver?.close();
    await store.close();
  };
  try {
    opened.page = await openPage(store, { ...options, host, announceKey });
    opened.receiver = await createReceiver({
      store,
      privacy: createPrivacy({ key }),
      http: { host: otlp, port: options.otlpHttpPort ?? 4318 },
      grpc: { host: otlp, port: options.otlpGrpcPort ?? 4317 },
      ...(options.corsOrigins && { corsOrigins: options.corsOrigins }),
    });
  } catch (error) {
    await close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    url: opened.page.url,
    otlpHttp: opened.receiver.httpUrl,
    otlpGrpc: opened.receiver.grpcUrl ?? '',
    announceUrl: `${opened.page.url}/api/console/announce/${announceKey}`,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

interface PageOptions extends ConsoleOptions {
  readonly host: string;
  readonly announceKey: string;
}

function openPage(store: Store, options: PageOptions): Promise<Listening> {
  const { host, port = 4600, token, hosts = [], targets, healthIntervalMs, announceKey } = options;
  const api = createApi({
    store,
    announceKey,
    pageFolder: pageFolder(),
    hosts: [...hosts, host],
    ...(token && { token }),
    ...(targets && { targets }),
    ...(healthIntervalMs !== undefined && { healthIntervalMs }),
  });
  return listen(api, { host, port }).catch(error => {
    api.close();
    throw error;
  });
}

/** Beside the built server, or in the dist of a checkout whose sources run. */
function pageFolder(): string {
  const beside = fileURLToPath(new URL('./ui', import.meta.url));
  return existsSync(join(beside, 'assets')) ? beside : fileURLToPath(new URL('../dist/ui', import.meta.url));
}

/** Kept, so that one person's rows stay together over a restart. Only its owner can read it. */
async function hashKey(dir: string): Promise<Uint8Array> {
  const path = join(dir, 'hash.key');
  try {
    const kept = await readFile(path);
    if (kept.length === 32) return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const key = randomBytes(32);
  await writeFile(path, key, { mode: 0o600 });
  return key;
}
