import { DOCTOR_FINDINGS, type DoctorCode, type DoctorFinding } from '@plimsoll/wire';
import type { Own } from './own.ts';

/** What every probe may use. */
export interface Doctor {
  readonly base: URL;
  /** The admin token of the service, where there is one. */
  readonly token: string | undefined;
  /** What GET /health said, to be asked once; it never rejects. */
  health(): Promise<Answer>;
  /** A kit of the doctor's own, with a receiver of its own behind it. Rejects where it can't start. */
  own(): Promise<Own>;
  /** Tells of what is wrong; an error fails the run. */
  find(code: DoctorCode, detail?: string): void;
}

/** How one request went: an answer, or why there was none. */
export type Answer =
  | {
      readonly status: number;
      readonly text: string;
      readonly headers: Headers;
      readonly ms: number;
      /** When it came, epoch milliseconds. */
      readonly at: number;
    }
  | { readonly error: string };

/** `ok` is null where there was nothing to say, and `skipped` says why. */
export interface Result {
  readonly ok: boolean | null;
  readonly [field: string]: unknown;
}

/** One file each, listed in probes/index.ts; its result stands in the report under its name. */
export interface Probe {
  readonly name: string;
  run(doctor: Doctor): Promise<Result>;
}

export const skipped = (why: string): Result => ({ ok: null, skipped: why });

/** The row of the catalog as the report shows it. */
export function finding(code: DoctorCode, subject: string, detail?: string): DoctorFinding {
  const { severity, hint } = DOCTOR_FINDINGS[code];
  return { code, severity, subject, ...(detail !== undefined && { detail }), hint };
}

const TIMEOUT_MS = 3000;

export interface AskOptions {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly body?: string;
}

/** Asks within three seconds, and follows nobody elsewhere. */
export async function ask(url: URL, { method = 'GET', token, body }: AskOptions = {}): Promise<Answer> {
  const began = performance.now();
  try {
    const response = await fetch(url, {
      ...{ method, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) },
      headers: {
        ...(token !== undefined && { 'x-admin-token': token }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    });
    const at = Date.now();
    const ms = Math.round((performance.now() - began) * 1000) / 1000;
    return { status: response.status, text: await response.text(), headers: response.headers, ms, at };
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    return { error: name === 'TimeoutError' ? 'timeout' : (cause?.code ?? message) };
  }
}

/** The address of a path below the base, which may have a path of its own. */
export function under(base: URL, path: string): URL {
  return new URL(base.pathname.replace(/\/$/, '') + path, base.origin);
}

/** http or https, without query and fragment; else why not. */
export function baseUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' ? url : undefined;
}
