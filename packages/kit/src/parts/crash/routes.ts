import {
  type CrashesAnswer,
  type CrashesQuery,
  crashAnswer,
  crashesAnswer,
  crashesQuery,
} from '@plimsoll/wire/ops';
import { OpsError } from '../../base/ops-error.ts';
import type { Kit, Route } from '../../kernel/part.ts';
import { crashGate } from './gate.ts';
import type { Reporter } from './reporter.ts';

const ID = /^[A-Za-z0-9_-]{1,128}$/;

export function crashRoutes(kit: Kit): readonly Route[] {
  const reporter = (): Reporter => {
    const found = kit.read<Reporter>(crashGate.name);
    if (found === undefined) throw new OpsError('not_found');
    return found;
  };
  return [
    {
      ...{ method: 'GET', path: '/api/crashes', access: 'local', query: crashesQuery, answer: crashesAnswer },
      summary: 'The crash dumps, newest first; 20 where `limit` says nothing else',
      handle: ({ search }): CrashesAnswer => {
        const { limit } = search as CrashesQuery;
        return { crashes: [...reporter().list(limit)], feature_flag: true };
      },
    },
    {
      ...{ method: 'GET', path: '/api/crashes/:id', access: 'local', answer: crashAnswer },
      summary: 'One crash dump, by the name of its file or by its event id',
      handle: ({ params }) => {
        const { id = '' } = params;
        const dump = ID.test(id) ? reporter().store.find(id) : undefined;
        if (dump === undefined) throw new OpsError('unknown_crash');
        return dump;
      },
    },
  ];
}
