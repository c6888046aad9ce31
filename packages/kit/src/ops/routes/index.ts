import { type IndexAnswer, indexAnswer } from '@plimsoll/wire/ops';
import type { KitCore } from '../../kernel/kit.ts';
import type { Route } from '../../kernel/part.ts';

/** What there is, for someone who only knows `/ops/`. */
export function indexRoutes(kit: KitCore): readonly Route[] {
  const handle = async (): Promise<IndexAnswer> => ({
    service: kit.config.get('service'),
    routes: (await allRoutes(kit)).map(({ method, path, access, summary }) => ({
      method,
      path,
      access,
      ...(summary !== undefined && { summary }),
    })),
  });
  return ['/ops/', '/ops'].map(path => ({
    method: 'GET',
    path,
    access: 'admin' as const,
    summary: 'The routes of the ops API',
    answer: indexAnswer,
    handle,
  }));
}

/** The routes of every group in use, in the order of their registration, but of one that can't be loaded. */
export async function allRoutes(kit: KitCore): Promise<readonly Route[]> {
  return (await Promise.all(kit.core.groups().map(async group => group.load().catch(() => [])))).flat();
}
