import { type FlagsAnswer, type FlagsRequest, flagsAnswer, flagsRequest } from '@plimsoll/wire/ops';
import type { KitCore } from '../../kernel/kit.ts';
import type { Route } from '../../kernel/part.ts';

/** The feature flags: what each is, where that comes from, and how to change it. */
export function flagRoutes(kit: KitCore): readonly Route[] {
  const { flags } = kit;
  const show = (changed?: readonly string[]): FlagsAnswer => ({
    flags: flags.describe().map(state => ({ ...state })),
    rejected: flags.rejected().map(one => ({ ...one })),
    corrupt: [...flags.corrupt()],
    file: flags.files.target,
    ...(changed && { changed: [...changed] }),
  });
  return [
    {
      method: 'GET',
      path: '/api/flags',
      access: 'local',
      summary: 'Every feature flag, with its value and where it comes from',
      answer: flagsAnswer,
      handle: () => {
        flags.refresh();
        return show();
      },
    },
    {
      method: 'POST',
      path: '/api/flags',
      access: 'local',
      summary: 'Write flags to the last config file; umbrella and older names together',
      body: flagsRequest,
      answer: flagsAnswer,
      handle: async ({ body }) => show((await flags.set(body as FlagsRequest)).changed),
    },
  ];
}
