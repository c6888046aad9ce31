import { okAnswer } from '@plimsoll/wire/ops';
import { OpsError } from '../../base/ops-error.ts';
import type { Route } from '../../kernel/part.ts';

export interface JobRoute {
  readonly name: string;
  readonly path: string;
  /** The code of a failed run. */
  readonly failed: string;
  /** Counted, timed, traced and logged already. */
  readonly run: () => Promise<unknown>;
}

export function jobRoutes({ name, path, failed, run }: JobRoute): readonly Route[] {
  return [
    {
      method: 'POST',
      path,
      access: 'admin',
      summary: `Run the job ${name} and wait for it`,
      answer: okAnswer,
      handle: async () => {
        try {
          await run();
        } catch {
          throw new OpsError('job_failed', { literal: failed });
        }
        return { status: 'ok' };
      },
    },
  ];
}
