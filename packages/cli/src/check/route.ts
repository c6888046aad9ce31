import { randomUUID } from 'node:crypto';
import type { DoctorFinding } from '@plimsoll/wire';
import { type Answer, ask, finding, under } from '../doctor/probe.ts';
import { asRequired } from './check.ts';
import type { RouteItem } from './profile.ts';

export interface RouteRow {
  readonly path: string;
  readonly method: string;
  /** Null where nothing answered. */
  readonly status: number | null;
  /** The methods that the service says the path has. */
  readonly allow: string;
  readonly ok: boolean;
  readonly required: boolean;
}

/** Broken JSON: a route that reads its body refuses it, and does nothing. */
const NOTHING = '{';
/** How a body is refused. */
const REFUSED: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/**
 * Whether a route is there. It may refuse us (401, 403), want something else (400, 405, 422) and still be there; 404 and
 * 410 mean that it is not. What writes is asked for its methods, and where that says nothing is sent what it must refuse.
 */
export async function checkRoute(base: URL, item: RouteItem, findings: DoctorFinding[]): Promise<RouteRow> {
  const url = under(base, item.path);
  const { answer, decided } =
    item.method === 'GET' ? { answer: await ask(url), decided: true } : await askForWrite(base, item);
  const { path, method, required } = item;
  const status = 'error' in answer ? null : answer.status;
  const allow = 'error' in answer ? '' : (answer.headers.get('allow') ?? '');
  const ok = decided && status !== null && (item.statuses.includes(status) || isThere(status, allow, method));
  if (!ok) {
    const failed = status === null || status >= 500;
    const code = failed ? 'route_failed' : decided ? 'route_missing' : 'route_undecided';
    const detail = 'error' in answer ? answer.error : String(status);
    findings.push(asRequired(item, finding(code, `${method} ${path}`, detail)));
  }
  return { path, method, status, allow, ok, required };
}

interface Asked {
  readonly answer: Answer;
  /** False where a path that is surely not there gets the same answer. */
  readonly decided: boolean;
}

async function askForWrite(base: URL, { path, method, send }: RouteItem): Promise<Asked> {
  const url = under(base, path);
  const asked = await ask(url, { method: 'OPTIONS' });
  if ('error' in asked || asked.headers.has('allow')) return { answer: asked, decided: true };
  // Not every framework knows OPTIONS; and DELETE has no body that could be wrong.
  if (method !== 'DELETE') {
    const answer = await ask(url, { method, body: NOTHING });
    if ('error' in answer || !REFUSED.has(answer.status)) return { answer, decided: true };
    // Some look at the body before they look for the route.
    const control = await ask(under(base, `/${randomUUID()}`), { method, body: NOTHING });
    if ('error' in control || control.status !== answer.status) return { answer, decided: true };
    if (!send) return { answer, decided: false };
  }
  return send ? { answer: await ask(url, { method }), decided: true } : { answer: asked, decided: false };
}

/** The methods decide where they are told: a 405 that names other methods is no route of ours. */
function isThere(status: number, allow: string, method: string): boolean {
  if (allow !== '' && (status === 405 || status < 300)) {
    return allow
      .toUpperCase()
      .split(/[\s,]+/)
      .includes(method);
  }
  return status >= 200 && status < 500 && status !== 404 && status !== 410;
}
