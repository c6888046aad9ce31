import { type RecentAnswer, recentAnswer } from '@plimsoll/wire/ops';
import type { KitCore } from '../../kernel/kit.ts';
import type { Route } from '../../kernel/part.ts';

/** What the development memory holds; outside development there is none, and the lists are empty. */
export function recentRoutes(kit: KitCore): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/ops/recent',
      access: 'admin',
      summary: 'The last traces and log lines, in development',
      answer: recentAnswer,
      handle: (): RecentAnswer => kit.read<RecentAnswer>('recent') ?? { traces: [], lines: [] },
    },
  ];
}
