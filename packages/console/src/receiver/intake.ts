import type { Privacy } from '@plimsoll/privacy';
import {
  decodeLogs,
  decodeMetrics,
  logsFromJson,
  metricsFromJson,
  type PartialSuccess,
  tracesFromJson,
} from '@plimsoll/wire';
import type { Store } from '../store/types.ts';
import { Cleaner } from './clean.ts';

export type Signal = 'traces' | 'logs' | 'metrics';
export const SIGNALS: readonly Signal[] = ['traces', 'logs', 'metrics'];

/** What became of one export. `full` and `failed` are worth another try, `malformed` is not. */
export type Outcome =
  | { readonly kind: 'taken'; readonly partial?: PartialSuccess }
  | { readonly kind: 'malformed'; readonly message: string }
  | { readonly kind: 'full' }
  | { readonly kind: 'failed' };

export interface IntakeOptions {
  readonly store: Store;
  readonly privacy: Privacy;
  /** Bytes of exports that are being read, decoded or written; beyond it senders are told to come back. */
  readonly maxPendingBytes: number;
}

/** One export from bytes to rows, the same for both transports. Resolves when the rows are on disk. */
export class Intake {
  readonly #store: Store;
  readonly #cleaner: Cleaner;
  readonly #maxPending: number;
  #pending = 0;

  constructor(options: IntakeOptions) {
    this.#store = options.store;
    this.#cleaner = new Cleaner(options.privacy);
    this.#maxPending = options.maxPendingBytes;
  }

  get full(): boolean {
    return this.#pending >= this.#maxPending;
  }

  /** Counts bytes from their arrival on; give them back with a negative number. */
  hold(bytes: number): void {
    this.#pending += bytes;
  }

  async take(signal: Signal, body: Uint8Array, encoding: 'protobuf' | 'json'): Promise<Outcome> {
    let write: () => Promise<{ readonly given: number; readonly taken: number }>;
    try {
      write = this.#decode(signal, encoding === 'json' ? parse(body) : body);
    } catch (error) {
      return { kind: 'malformed', message: messageOf(error) };
    }
    try {
      const { given, taken } = await write();
      if (taken >= given) return { kind: 'taken' };
      const message = 'a trace id needs 16 bytes and a span id 8, not all of them zero';
      return { kind: 'taken', partial: { rejected: given - taken, message } };
    } catch {
      return { kind: 'failed' };
    }
  }

  #decode(signal: Signal, body: unknown): () => Promise<{ given: number; taken: number }> {
    const bytes = body instanceof Uint8Array ? body : undefined;
    const store = this.#store;
    if (signal === 'traces') {
      if (bytes) {
        const batch = this.#cleaner.spans(bytes);
        const given = batch.count + batch.refused;
        return async () => ({ given, taken: await store.writeTraces(batch) });
      }
      const groups = this.#cleaner.traces(tracesFromJson(body));
      return async () => ({ given: count(groups), taken: await store.writeTraces(groups) });
    }
    if (signal === 'logs') {
      const groups = this.#cleaner.logs(bytes ? decodeLogs(bytes) : logsFromJson(body));
      return async () => ({ given: count(groups), taken: await store.writeLogs(groups) });
    }
    const groups = this.#cleaner.metrics(bytes ? decodeMetrics(bytes) : metricsFromJson(body));
    return async () => {
      const taken = await store.writeMetrics(groups);
      return { given: taken, taken };
    };
  }
}

function count(
  groups: readonly { readonly scopes: readonly { readonly items: readonly unknown[] }[] }[],
): number {
  let sum = 0;
  for (const { scopes } of groups) for (const { items } of scopes) sum += items.length;
  return sum;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Without the text at fault, which may be anything. */
function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new Error('the body is no JSON in UTF-8');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'unreadable';
}
