import {
  type LogLevelAnswer,
  type LogLevelRequest,
  logLevelAnswer,
  logLevelRequest,
} from '@plimsoll/wire/ops';
import type { KitCore } from '../../kernel/kit.ts';
import type { Route } from '../../kernel/part.ts';

/** Levels while the process runs; they last until it ends. */
export function logRoutes(kit: KitCore): readonly Route[] {
  const { log } = kit.core;
  const levels = (): LogLevelAnswer => ({
    level: log.rootLevel,
    loggers: Object.fromEntries(log.nameLevels),
  });
  return [
    {
      method: 'GET',
      path: '/ops/log-level',
      access: 'admin',
      summary: 'The level of the service, and of loggers that have their own',
      answer: logLevelAnswer,
      handle: levels,
    },
    {
      method: 'POST',
      path: '/ops/log-level',
      access: 'admin',
      summary: 'Change the level of the service, or of one logger',
      body: logLevelRequest,
      answer: logLevelAnswer,
      handle: ({ body }) => {
        const { level, logger } = body as LogLevelRequest;
        log.setLevel(level, logger);
        return levels();
      },
    },
  ];
}
