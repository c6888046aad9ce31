import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Attributes, DecodedLogs, DecodedTraces, SpanRecord } from '@plimsoll/wire';
import { type ApiOptions, createApi } from '../../src/api/app.ts';
import { listen } from '../../src/api/listen.ts';
import { MemoryStore } from './memory-store.ts';

export interface Running {
  readonly url: string;
  readonly store: MemoryStore;
  /** GET under `/api/console`, as JSON. */
  get(path: string): Promise<{ status: number; body: Record<string, unknown> & unknown[]; headers: Headers }>;
}

/** A console over the memory store on a free port, closed with the test. */
export async function runApi(t: TestContext, options: Partial<ApiOptions> = {}): Promise<Running> {
  const store = new MemoryStore();
  const api = createApi({ store, pageFolder: '/nonexistent', ...options });
  const server = await listen(api, { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  return {
    url: server.url,
    store,
    async get(path) {
      const response = await fetch(`${server.url}/api/console${path}`);
      return { status: response.status, body: (await response.json()) as never, headers: response.headers };
    },
  };
}

export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-console-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const SCOPE = { name: 'test', version: '', attributes: {} };

export interface SpanInit {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: SpanRecord['spanKind'];
  readonly start: number;
  readonly ms: number;
  readonly attributes?: Attributes;
  readonly failed?: boolean;
}

export function traces(
  service: string,
  spans: readonly SpanInit[],
  resource: Attributes = {},
): DecodedTraces {
  const items = spans.map(
    (span): SpanRecord => ({
      kind: 'span',
      traceId: span.traceId,
      spanId: span.spanId,
      ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
      flags: 1,
      name: span.name ?? 'work',
      spanKind: span.kind ?? 'internal',
      startTime: span.start,
      endTime: span.start + span.ms,
      attributes: span.attributes ?? {},
      events: [],
      links: [],
      status: { code: span.failed ? 2 : 0 },
    }),
  );
  const attributes = { 'service.name': service, ...resource };
  return [{ resource: { attributes }, scopes: [{ scope: SCOPE, items }] }];
}

export interface LineInit {
  readonly body: string;
  readonly time?: number;
  readonly level?: 'info' | 'warn' | 'error';
  readonly traceId?: string;
  readonly attributes?: Attributes;
}

export function lines(service: string, given: readonly LineInit[]): DecodedLogs {
  const items = given.map(({ body, time = Date.now(), level = 'info', traceId, attributes = {} }) => ({
    kind: 'log' as const,
    time,
    observedTime: time,
    level,
    severityNumber: { info: 9, warn: 13, error: 17 }[level],
    severityText: level,
    body,
    logger: 'test',
    attributes,
    ...(traceId && { traceId, spanId: '00f067aa0ba902b7', flags: 1 }),
  }));
  return [{ resource: { attributes: { 'service.name': service } }, scopes: [{ scope: SCOPE, items }] }];
}
