import {
  type HealthAnswer,
  healthAnswer,
  okAnswer,
  type ReadyAnswer,
  readyAnswer,
  type StartupAnswer,
  startupAnswer,
} from '@plimsoll/wire/ops';
import type { KitCore } from '../../kernel/kit.ts';
import type { Route } from '../../kernel/part.ts';
import type { Health } from '../../signals/health/types.ts';

/** Open to anyone, and no work: every answer is what the background rounds last found. */
export function healthRoutes({ health }: KitCore): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/health',
      access: 'open',
      summary: 'All checks with their age; always 200',
      answer: healthAnswer,
      handle: (): HealthAnswer => {
        const checks = health.report();
        return { status: Object.values(checks).every(check => check.ok) ? 'ok' : 'degraded', checks };
      },
    },
    {
      method: 'GET',
      path: '/health/live',
      access: 'open',
      summary: 'The process answers',
      answer: okAnswer,
      handle: () => ({ status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/health/ready',
      access: 'open',
      summary: '503 while a check fails or the process drains',
      answer: readyAnswer,
      handle: () => {
        const body = readyBody(health);
        return Response.json(body, { status: body.status === 'ok' ? 200 : 503 });
      },
    },
    {
      method: 'GET',
      path: '/health/startup',
      access: 'open',
      summary: '503 while there is a start-up finding',
      answer: startupAnswer,
      handle: () => {
        const body = startupBody(health);
        return Response.json(body, { status: body.status === 'ok' ? 200 : 503 });
      },
    },
  ];
}

function readyBody(health: Health): ReadyAnswer {
  const { ok, checks } = health.ready();
  if (health.draining) return { status: 'degraded', error: 'draining', checks };
  return { status: ok ? 'ok' : 'degraded', checks };
}

function startupBody(health: Health): StartupAnswer {
  const findings = health.findings();
  const first = findings[0];
  if (first === undefined) return { status: 'ok' };
  return { status: 'error', error: first.code, errors: findings.map(({ field, code }) => ({ field, code })) };
}
